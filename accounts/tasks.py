"""What accounts do by the clock."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from accounts import identity
from caicaini import slots


@shared_task
def forget_old_address_changes() -> None:
    """Every hour: delete changes of address that nobody can undo any more."""
    slots.run_once("accounts.forget_changes", timezone.now(), timedelta(hours=1), identity.forget_old_changes)
