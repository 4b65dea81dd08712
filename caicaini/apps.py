"""The kernel as an installed app: wrapped keys, job slots and audit events."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from caicaini import append_only


def install_triggers(using: str, **_kwargs: Any) -> None:
    """Put the append-only triggers back: SQLite loses them whenever a migration rebuilds their table."""
    append_only.install(connections[using])


class KernelConfig(AppConfig):
    name = "caicaini"
    label = "caicaini"
    verbose_name = "Kernel"

    def ready(self) -> None:
        from caicaini import checks  # noqa: F401  (registers the system checks)

        post_migrate.connect(install_triggers, sender=self)
