"""Which worker does a scheduled run: the one whose row for (job, slot) goes in first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from caicaini.models import JobSlot

KEEP_FOR = timedelta(days=30)


def run_once(job: str, now: datetime, every: timedelta, work: Callable[[datetime], int]) -> int | None:
    """Call `work(now)` if nobody has claimed this slot; gives its count, or None when another worker has it.

    The slot is `now` rounded down to `every`. A crash leaves `finished_at` empty: the next slot goes on, so the work
    must be derived from rows and be safe to repeat.
    """
    slot = datetime.fromtimestamp(now.timestamp() // every.total_seconds() * every.total_seconds(), tz=now.tzinfo)
    try:
        with transaction.atomic():
            claim = JobSlot.objects.create(job=job, slot=slot, claimed_at=now)
    except IntegrityError:
        return None
    count = work(now)
    JobSlot.objects.filter(pk=claim.pk).update(finished_at=timezone.now(), count=count)
    return count


def forget_old(now: datetime) -> int:
    """Delete the slots older than 30 days."""
    return JobSlot.objects.filter(slot__lt=now - KEEP_FOR).delete()[0]
