"""Letting go of sign-ups that nobody confirmed, so that address and name are free for others."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import AbuseSignal, TokenFamily, User
from caicaini import audit
from caicaini.personal_data import Table, register

KEEP_FOR = timedelta(days=14)
OWN = {"accounts", "account", "mfa"}  # what they hold goes with the account
BATCH = 500  # accounts that one run looks at; the rest waits for the next day


def forget_unconfirmed(now: datetime) -> int:
    """Delete accounts whose address was never confirmed and that hold nothing; gives how many. Safe to repeat.

    Whoever came back within these days, is under a sanction, or has a row in a room above stays: closing is for them.
    """
    elsewhere = [table for table in register().tables.values() if table.subject and _room(table) not in OWN]
    count = sum(_forget(user, elsewhere) for user in _unconfirmed(now)[:BATCH])
    if count:
        audit.record("accounts.unconfirmed_forgotten", now=now, actor=None, subject_type="accounts.User", count=count)
    return count


def _unconfirmed(now: datetime) -> QuerySet[User]:
    seen = TokenFamily.objects.filter(user=OuterRef("pk"), seen_at__gt=now - KEEP_FOR)
    found = User.objects.filter(email_verified_at=None, is_staff=False, is_superuser=False)
    old = found.filter(date_joined__lte=now - KEEP_FOR, abuse_cases=None, sanctions=None)
    return old.exclude(Exists(seen)).order_by("pk")


def _room(table: Table) -> str:
    return table.model.partition(".")[0]


def _forget(user: User, elsewhere: list[Table]) -> bool:
    try:
        with transaction.atomic():
            still = User.objects.select_for_update().filter(pk=user.pk, email_verified_at=None).first()
            if still is None or any(_has_rows(still, table) for table in elsewhere):
                return False
            AbuseSignal.objects.filter(user=still).delete()
            still.delete()
            return True
    except IntegrityError:  # something of theirs was written at this moment: it is in use after all
        return False


def _has_rows(user: User, table: Table) -> bool:
    rows = apps.get_model(table.model)._default_manager.filter(**{str(table.subject): user})
    return bool(rows.exists())
