"""Asks whether programs write in people's places: gives accounts the times of runs, and nothing that was said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from time import monotonic

from django.db.models import Count

from accounts import abuse, standing
from accounts.abuse import scripted
from accounts.abuse.scripted import Use
from accounts.models import User
from caicaini.personal_data import Purpose
from chat.models import Run

MOST_USES = 2_000  # of one person, the newest: more show no other habits
BUDGET = timedelta(minutes=5)  # a turn; who sent most comes first


def look(now: datetime) -> int:
    """Judge everybody who sent enough in the last days; gives how many look like programs. Two queries a person."""
    deadline = monotonic() + BUDGET.total_seconds()
    since = now - scripted.LOOK_BACK
    recent = Run.objects.filter(started_at__gt=since, started_at__lte=now).exclude(client=Run.Client.TOKEN)
    busy = recent.values("user").annotate(count=Count("pk")).filter(count__gte=scripted.LEAST_USES)
    found = 0
    for pk in list(busy.order_by("-count").values_list("user", flat=True)):
        if monotonic() > deadline:
            break
        user = User.objects.get(pk=pk)
        found += standing.may(user, Purpose.ABUSE, now) and _look_at(user, since, now)
    return found


def _look_at(user: User, since: datetime, now: datetime) -> bool:
    habits = scripted.judge(list(_uses(user, since, now)))
    if habits.is_scripted:
        abuse.signal(user, abuse.SignalKind.SCRIPTED_USE, now, f"day:{now:%Y-%m-%d}")  # the same evidence counts once
    return habits.is_scripted


def _uses(user: User, since: datetime, now: datetime) -> Iterator[Use]:
    runs = Run.objects.filter(user=user, started_at__gt=since, started_at__lte=now).exclude(client=Run.Client.TOKEN)
    rows = runs.order_by("-started_at").values_list("conversation__uuid", "started_at", "ended_at", "client")
    for conversation, started_at, ended_at, client in rows[:MOST_USES]:
        yield Use(conversation, started_at, ended_at, has_page=client == Run.Client.PAGE)
