"""Letting go of what is old: signals after 90 days, sanctions with their appeals and cases a year after their end."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.abuse import sanctions
from accounts.abuse.weights import KEEP_SIGNALS_FOR
from accounts.models import AbuseCase, AbuseSignal, Appeal, Sanction, User
from caicaini import vault

KEEP_FOR = timedelta(days=365)
BATCH = 500  # rows a transaction


def forget_old(now: datetime) -> int:
    """Delete what has been kept for as long as the data map says, and put the people's rows in step; safe to repeat."""
    count = 0
    for old in (_old_signals(now), _old_appeals(now), _old_sanctions(now), _old_cases(now)):
        count += old
    _keep_all_in_step(now)
    return count


def _old_signals(now: datetime) -> int:
    count = 0
    while ids := list(AbuseSignal.objects.filter(at__lte=now - KEEP_SIGNALS_FOR).values_list("pk", flat=True)[:BATCH]):
        count += AbuseSignal.objects.filter(pk__in=ids).delete()[0]
    return count


def _ended_before(moment: datetime) -> Q:
    return Q(lifted_at__lte=moment) | Q(expires_at__lte=moment)


def _old_appeals(now: datetime) -> int:
    ended = list(Sanction.objects.filter(_ended_before(now - KEEP_FOR)).values_list("pk", flat=True)[:BATCH])
    appeals = list(Appeal.objects.filter(sanction__in=ended).exclude(state=Appeal.State.OPEN))
    vault.destroy(appeal.uuid for appeal in appeals)
    return Appeal.objects.filter(pk__in=[appeal.pk for appeal in appeals]).delete()[0]


def _old_sanctions(now: datetime) -> int:
    with transaction.atomic():
        ended = Sanction.objects.filter(_ended_before(now - KEEP_FOR), appeals=None)
        return Sanction.objects.filter(pk__in=list(ended.values_list("pk", flat=True)[:BATCH])).delete()[0]


def _old_cases(now: datetime) -> int:
    decided = AbuseCase.objects.filter(decided_at__lte=now - KEEP_FOR, sanctions=None)
    return AbuseCase.objects.filter(pk__in=list(decided.values_list("pk", flat=True)[:BATCH])).delete()[0]


def _keep_all_in_step(now: datetime) -> None:
    """Repair rows that a whole save of an older copy has overwritten, and blank those whose time is over."""
    limited = set(Sanction.objects.in_force(now).values_list("user", flat=True))
    marked = set(User.objects.filter(sanctioned_until__isnull=False).values_list("pk", flat=True))
    for pk in limited | marked:
        with transaction.atomic():
            sanctions.keep_in_step(User.objects.select_for_update().get(pk=pk), now)
