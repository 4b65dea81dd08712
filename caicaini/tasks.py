"""The base of every background task: its arguments are ids and nothing else, because they lie in the queue in clear."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from caicaini import slots


class GuardedTask(DjangoTask):
    """Refuses arguments that are not integers, booleans or uuids; has `delay_on_commit`."""

    abstract = True

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        for value in [*(args or ()), *(kwargs or {}).values()]:
            _require_id(value)
        return super().apply_async(args, kwargs, **options)


def _require_id(value: object) -> None:
    if isinstance(value, int | UUID):
        return
    try:
        UUID(str(value))
    except ValueError:
        raise TypeError("task arguments are ids: integers or uuids") from None


@shared_task
def forget_ended_sessions() -> None:
    """Daily: delete the rows of sessions that have expired, which Django leaves where they are."""
    SessionStore.clear_expired()


@shared_task
def forget_old_slots() -> None:
    """Daily: delete old job slots."""
    slots.run_once("kernel.forget_slots", timezone.now(), timedelta(days=1), slots.forget_old)
