"""Chat's scheduled work."""

from __future__ import annotations

from datetime import datetime, timedelta

from celery import shared_task
from django.utils import timezone

from caicaini import slots
from chat import notices, orphans, scripts


@shared_task
def end_orphaned_runs() -> None:
    """Every minute: end the runs whose process is gone."""
    slots.run_once("chat.end_orphaned_runs", timezone.now(), timedelta(minutes=1), _end_and_tell)


def _end_and_tell(now: datetime) -> int:
    ended = orphans.end_all(now)
    for run in ended:
        notices.changed_now(run.user.uuid, "run", run.conversation.uuid, run.uuid)
    return len(ended)


@shared_task
def look_for_scripted_use() -> None:
    """Every hour: ask of who sent much whether a program did."""
    slots.run_once("chat.look_for_scripted_use", timezone.now(), timedelta(hours=1), scripts.look)
