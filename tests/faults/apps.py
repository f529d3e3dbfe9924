"""Puts the hooks into a process of the application, once its models are there."""

from django.apps import AppConfig


class Faults(AppConfig):
    name = "tests.faults"

    def ready(self) -> None:
        from tests.faults import hooks  # noqa: PLC0415  (models load only after all apps are ready)

        hooks.install()
