"""`manage.py prepare`: bring folders, databases and catalogue to the state that the code needs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils import timezone

from billing import seeds as price_seeds
from caicaini import vault
from caicaini.demo import make_demo_accounts
from chat import local_models
from chat import seeds as model_seeds

COLLATION = "utf8mb4_nopad_bin"


class Command(BaseCommand):
    help = "Create folders, migrate both databases, seed the catalogue and its prices; safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            bring_up_databases()
        except vault.VaultMisconfigured as error:
            raise CommandError(str(error)) from None
        now = timezone.now()
        model_seeds.seed()
        price_seeds.seed(now)
        local_models.discover(now)
        if settings.DEBUG and settings.DEMO_PASSWORD:
            make_demo_accounts(settings.DEMO_PASSWORD, now)


def bring_up_databases() -> None:
    """Create or migrate both; raises VaultMisconfigured, for a key that is too short before anything is made."""
    vault.wrapping_keys()
    refuse_lenient_collations()
    make_folders()
    with only_owner_may_read():
        for alias in ("default", "vault"):
            call_command("migrate", database=alias, interactive=False, verbosity=0)
    vault.verify()


def refuse_lenient_collations() -> None:
    """Stop before MariaDB's default makes one name of `jose`, `Jose` and `josé`, and one address of two people's."""
    for connection in connections.all():
        if connection.vendor == "mysql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT @@collation_database")
                found = cursor.fetchone()[0]
            if found != COLLATION:
                raise CommandError(
                    f"The database of {connection.alias!r} has the collation {found}. Before its first use: "
                    f"ALTER DATABASE {connection.settings_dict['NAME']} CHARACTER SET utf8mb4 COLLATE {COLLATION}"
                )


def make_folders() -> None:
    """Create DATA_DIR and the folders in it, readable by this user alone."""
    data, queue = settings.DATA_DIR, settings.QUEUE_DIR
    is_ours = not data.exists() or not any(data.iterdir())  # of a folder that others use too, only what is in it
    for folder in (data, queue, queue / "messages", queue / "control", settings.MEDIA_ROOT):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder != data or is_ours:
            folder.chmod(0o700)


@contextmanager
def only_owner_may_read() -> Iterator[None]:
    """Have database files made, and older ones left, with mode 0600; SQLite's own files beside them follow suit."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
    for connection in connections.all():
        if connection.vendor == "sqlite":
            for ending in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    Path(f"{connection.settings_dict['NAME']}{ending}").chmod(0o600)
