"""Takes in the bundle that ships whenever the tables are brought up to date."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as all_apps
from django.db.models.signals import post_migrate


class RegistryConfig(AppConfig):
    name = "registry"

    def ready(self) -> None:
        post_migrate.connect(_register_shipped, sender=self)


def _register_shipped(*, apps: Any = all_apps, **_: Any) -> None:
    from registry import shipped  # noqa: PLC0415  (models load only after all apps are ready)

    try:
        apps.get_model("registry", "ModelVersion")
    except LookupError:
        return  # migrated to before there was a registry
    shipped.register()
