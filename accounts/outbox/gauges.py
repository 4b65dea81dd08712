"""What the metrics show of the mail: how much waits, for how long, and how much was given up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Min, Q
from django.utils import timezone
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from accounts.models import OutboxMail
from caicaini import metrics

State = OutboxMail.State


def register() -> None:
    metrics.read_at_scrape(_read)


def _read() -> Iterator[Metric]:
    return mails(timezone.now())


def mails(now: datetime) -> Iterator[Metric]:
    """Count what waits and what was given up; one query over the rows in these two states."""
    is_waiting, is_dead = Q(state=State.WAITING), Q(state=State.DEAD)
    found = OutboxMail.objects.filter(is_waiting | is_dead).aggregate(
        waiting=Count("pk", filter=is_waiting),
        dead=Count("pk", filter=is_dead),
        due=Min("due_at", filter=is_waiting & Q(due_at__lte=now)),
        posted=Min("created_at", filter=is_waiting),
    )
    yield GaugeMetricFamily("caicaini_mails_waiting", "Mails that are not sent yet.", value=found["waiting"])
    yield GaugeMetricFamily(
        "caicaini_mail_oldest_due_seconds", "How late the most overdue mail is.", value=_age(found["due"], now)
    )
    yield GaugeMetricFamily(
        "caicaini_mail_oldest_waiting_seconds",
        "How long ago the oldest unsent mail was posted.",
        value=_age(found["posted"], now),
    )
    yield GaugeMetricFamily("caicaini_mails_dead", "Dead letters of the last 30 days.", value=found["dead"])


def _age(at: datetime | None, now: datetime) -> float:
    return (now - at).total_seconds() if at else 0.0
