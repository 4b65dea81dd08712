"""`manage.py prepare`: bring folders, databases and catalogue to the state that the code needs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from billing import seeds as price_seeds
from caicaini import vault
from caicaini.demo import make_demo_accounts
from chat import local_models
from chat import seeds as model_seeds


class Command(BaseCommand):
    help = "Create folders, migrate both databases, seed the catalogue and its prices; safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        make_folders()
        for alias in ("default", "vault"):
            call_command("migrate", database=alias, interactive=False, verbosity=0)
        try:
            vault.verify()
        except vault.VaultMisconfigured as error:
            raise CommandError(str(error)) from None
        now = timezone.now()
        model_seeds.seed()
        price_seeds.seed(now)
        local_models.discover(now)
        if settings.DEBUG and settings.DEMO_PASSWORD:
            make_demo_accounts(settings.DEMO_PASSWORD, now)


def make_folders() -> None:
    """Create DATA_DIR and the queue's folders, readable by this user alone."""
    settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in (settings.QUEUE_DIR / "messages", settings.QUEUE_DIR / "control", settings.MEDIA_ROOT):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.DATA_DIR.chmod(0o700)
