"""How much the signals of a person weigh together now: each fades by its half-life, and a decision starts anew."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.abuse.weights import KEEP_SIGNALS_FOR, WEIGHTS
from accounts.models import AbuseCase, AbuseSignal, Reason, SignalKind, User


@dataclass(frozen=True, slots=True)
class Noticed:
    """One signal as the score sees it."""

    kind: SignalKind
    points: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Score:
    """Points by kind, the heaviest first."""

    by_kind: dict[SignalKind, float]

    @property
    def total(self) -> float:
        return math.fsum(self.by_kind.values())

    @property
    def suspects(self) -> Reason:
        """Give what the heaviest kind suspects."""
        return WEIGHTS[next(iter(self.by_kind))].suspects if self.by_kind else Reason.TERMS


def fading(points: int, half_life: timedelta, age: timedelta) -> float:
    """Give what is left of points after a time; a clock that is ahead makes nothing heavier."""
    return points * math.exp2(-(max(age, timedelta()) / half_life))


def score(signals: Iterable[Noticed], now: datetime) -> Score:
    """Weigh signals; never below zero, and the same in whatever order they come."""
    left: defaultdict[SignalKind, list[float]] = defaultdict(list)
    for noticed in signals:
        left[noticed.kind].append(fading(noticed.points, WEIGHTS[noticed.kind].half_life, now - noticed.at))
    sums = {kind: math.fsum(points) for kind, points in left.items()}
    return Score(dict(sorted(sums.items(), key=lambda item: (-item[1], item[0]))))


def of(user: User, now: datetime) -> Score:
    """Weigh what was noticed about a person since the last decision: two queries."""
    decided = AbuseCase.objects.filter(user=user, decided_at__isnull=False).order_by("-decided_at")
    since = decided.values_list("decided_at", flat=True).first()
    signals = AbuseSignal.objects.filter(user=user, at__gt=now - KEEP_SIGNALS_FOR)
    if since:
        signals = signals.filter(at__gt=since)
    return score((Noticed(SignalKind(row.kind), row.weight, row.at) for row in signals), now)
