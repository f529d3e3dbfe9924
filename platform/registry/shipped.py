"""Lists the bundle that came with the program, and lets it judge where nobody has ever chosen another."""

import logging

from django.conf import settings

from detector import bundle
from detector.errors import BundleError
from registry import bundles, versions
from registry.errors import RegistryError
from registry.models import Activation, Kind, ModelVersion

logger = logging.getLogger(__name__)


def register() -> None:
    """A newer one takes over by itself until somebody has decided once; from then on it is offered."""
    try:
        card = bundle.load(settings.BUNDLE).card
        if bundles.is_kept(card):
            versions.enter(card, by=None)
        else:
            versions.take_in(settings.BUNDLE, by=None)
        ModelVersion.objects.filter(version=card.version).update(is_shipped=True)
        if not Activation.objects.exclude(kind=Kind.SHIPPED).exists():
            versions.activate_shipped(card.version)
    except (BundleError, RegistryError, OSError) as error:
        # The tables are in order all the same, and another version may be active; who needs one says so.
        logger.error("The model in %s cannot be registered: %s", settings.BUNDLE, error)
