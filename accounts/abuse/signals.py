"""Noting that something points to misuse; what it may lead to without an operator stands in `accounts.abuse.cases`."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts import standing
from accounts.abuse import cases
from accounts.abuse.weights import MOST_A_DAY, WEIGHTS
from accounts.models import AbuseSignal, SignalKind, User
from caicaini.personal_data import Purpose


def signal(user: User, kind: SignalKind, now: datetime, evidence: str = "") -> None:
    """Note one thing; the same evidence counts once. `evidence` is a reference such as `run:<uuid>`, never text.

    Does nothing about whom this may not be done: somebody who had processing restricted, an account that is not active.
    """
    with transaction.atomic():
        # The person's row serialises what is noticed at once: one of two signals sees the other, and one case opens.
        row = User.objects.select_for_update().filter(pk=user.pk).first()
        if row is None or not standing.may(row, Purpose.ABUSE, now) or _is_enough(row, kind, now, evidence):
            return
        AbuseSignal.objects.create(user=row, kind=kind, weight=WEIGHTS[kind].points, evidence=evidence or None, at=now)
        cases.open_if_due(row, now)


def _is_enough(user: User, kind: SignalKind, now: datetime, evidence: str) -> bool:
    known = AbuseSignal.objects.filter(user=user, kind=kind)
    if evidence and known.filter(evidence=evidence).exists():
        return True
    return known.filter(at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY
