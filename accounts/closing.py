"""Closing an account: announced, ten days to think again, and then due. What is due belongs to privacy's jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.dispatch import Signal

from accounts import letters
from accounts.errors import operators_stay
from accounts.models import User

TIME_TO_THINK = timedelta(days=10)
ANONYMISED_WITHIN = timedelta(days=30)  # after it was closed: P14

# Sent inside the transaction, with `user` and `now`: what rests on the account closing may be taken back.
closing_cancelled = Signal()


@dataclass(frozen=True, slots=True)
class Timetable:
    """What happens when, if the account is closed at `now`, or as it was announced."""

    closes_at: datetime
    anonymised_by: datetime


def timetable(user: User, now: datetime) -> Timetable:
    """Give the dates to show before and after the decision."""
    closes_at = user.closing_at or now + TIME_TO_THINK
    return Timetable(closes_at, closes_at + ANONYMISED_WITHIN)


def announce(user: User, now: datetime) -> bool:
    """Set the day on which the account closes; gives whether it was not set yet. Raises NotAllowed for operators."""
    if user.is_staff or user.is_superuser:
        raise operators_stay()
    with transaction.atomic():
        closing_at = now + TIME_TO_THINK
        is_new = bool(User.objects.filter(pk=user.pk, closing_at=None).update(closing_at=closing_at))
        user.refresh_from_db(fields=["closing_at"])
        if is_new:
            dates = timetable(user, now)
            letters.send_closing_announced(user, dates.closes_at, dates.anonymised_by, now)
    return is_new


def cancel(user: User, now: datetime) -> bool:
    """Keep the account after all, as long as it is not due; gives whether it was to be closed."""
    with transaction.atomic():
        is_kept = bool(User.objects.filter(pk=user.pk, closing_at__gt=now).update(closing_at=None))
        user.refresh_from_db(fields=["closing_at"])
        if is_kept:
            closing_cancelled.send(sender=User, user=user, now=now)
            letters.send_closing_cancelled(user, now)
    return is_kept
