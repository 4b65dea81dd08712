"""Letting go of what is old: signals after 90 days, sanctions with their appeals and cases a year after their end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from accounts.abuse import sanctions
from accounts.abuse.weights import KEEP_SIGNALS_FOR
from accounts.models import AbuseCase, AbuseSignal, Appeal, Sanction, User
from caicaini import vault

KEEP_FOR = timedelta(days=365)
BATCH = 500  # rows a transaction


def forget_old(now: datetime) -> int:
    """Delete what has been kept for as long as the data map says, and put the people's rows in step; safe to repeat."""
    count = sum(_delete(old) for old in (_old_signals(now), _old_appeals(now), _old_sanctions(now), _old_cases(now)))
    _keep_all_in_step(now)
    return count


def _delete(rows: models.QuerySet[Any]) -> int:
    """Delete rows in batches; an appeal's key goes first, so that its words are unreadable whatever happens next."""
    count = 0
    while batch := list(rows.order_by("pk")[:BATCH]):
        if rows.model is Appeal:
            vault.destroy(row.uuid for row in batch)
        count += rows.model._default_manager.filter(pk__in=[row.pk for row in batch]).delete()[0]
    return count


def _old_signals(now: datetime) -> models.QuerySet[AbuseSignal]:
    return AbuseSignal.objects.filter(at__lte=now - KEEP_SIGNALS_FOR)


def _old_appeals(now: datetime) -> models.QuerySet[Appeal]:
    ended = Q(sanction__lifted_at__lte=now - KEEP_FOR) | Q(sanction__expires_at__lte=now - KEEP_FOR)
    return Appeal.objects.filter(ended).exclude(state=Appeal.State.OPEN)


def _old_sanctions(now: datetime) -> models.QuerySet[Sanction]:
    ended = Q(lifted_at__lte=now - KEEP_FOR) | Q(expires_at__lte=now - KEEP_FOR)
    return Sanction.objects.filter(ended, appeals=None)


def _old_cases(now: datetime) -> models.QuerySet[AbuseCase]:
    return AbuseCase.objects.filter(decided_at__lte=now - KEEP_FOR, sanctions=None)


def _keep_all_in_step(now: datetime) -> None:
    """Repair rows that a whole save of an older copy has overwritten, and blank those whose time is over."""
    limited = set(Sanction.objects.in_force(now).values_list("user", flat=True))
    marked = set(User.objects.filter(sanctioned_until__isnull=False).values_list("pk", flat=True))
    for pk in limited | marked:
        with transaction.atomic():
            sanctions.keep_in_step(User.objects.select_for_update().get(pk=pk), now)
