"""Privacy's scheduled work."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from caicaini import slots
from privacy import purge


@shared_task
def purge_hidden_conversations() -> None:
    """Every minute: carry out deletions."""
    slots.run_once("privacy.purge", timezone.now(), timedelta(minutes=1), purge.purge_hidden)


@shared_task
def sweep_unused_keys() -> None:
    """Every hour: destroy keys that nothing uses."""
    slots.run_once("privacy.sweep_keys", timezone.now(), timedelta(hours=1), purge.sweep_unused_keys)
