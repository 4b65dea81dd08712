"""The kernel as an installed app: wrapped keys, job slots and audit events."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "caicaini"
    label = "caicaini"
    verbose_name = "Kernel"

    def ready(self) -> None:
        from caicaini import checks  # noqa: F401  (registers the system checks)
