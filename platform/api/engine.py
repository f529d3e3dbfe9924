"""The one detector of this process: opened at first use, shared by all threads."""

import threading
from typing import Any

from django.conf import settings

from detector import Detector, bundle

_lock = threading.Lock()
_detector: Detector | None = None


def detector() -> Detector:
    """Opens the bundle once; raises BundleMissing, BundleCorrupt (and tries again at the next call)."""
    global _detector
    if _detector is None:
        with _lock:
            if _detector is None:
                _detector = Detector.open(settings.BUNDLE, engine=settings.ENGINE, threads=1)
    return _detector


def card() -> bundle.Card:
    """What the bundle says about itself, without loading the model."""
    return _detector.card if _detector else bundle.load(settings.BUNDLE).card
