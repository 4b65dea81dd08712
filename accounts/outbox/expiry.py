"""Letting mails go: what would bring an outdated code loses it unsent, and every row goes after 30 days."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import OutboxMail

KEEP_FOR = timedelta(days=30)


def expire(now: datetime) -> int:
    """Empty the mails, dead letters too, whose code or link is no longer valid; gives how many."""
    gone = {"state": OutboxMail.State.EXPIRED, "address": b"", "context": b"", "ended_at": now}
    return OutboxMail.objects.outdated(now).update(**gone)


def forget_old(now: datetime) -> int:
    """Delete rows older than 30 days, whatever became of them."""
    return OutboxMail.objects.filter(created_at__lt=now - KEEP_FOR).delete()[0]
