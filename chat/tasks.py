"""Chat's scheduled work."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from caicaini import slots
from chat import orphans


@shared_task
def end_orphaned_runs() -> None:
    """Every minute: end the runs whose process is gone."""
    slots.run_once("chat.end_orphaned_runs", timezone.now(), timedelta(minutes=1), orphans.end_all)
