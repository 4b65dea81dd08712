"""What the metrics show of the books: open holds, and how long the oldest has been open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from billing.models import Hold
from caicaini import metrics


def register() -> None:
    metrics.read_at_scrape(_read)


def _read() -> Iterator[Metric]:
    return open_holds(timezone.now())


def open_holds(now: datetime) -> Iterator[Metric]:
    """Count the open holds and give the age of the oldest, 0 without any; reads the index `open_holds_by_age` only."""
    found = Hold.objects.filter(state=Hold.State.OPEN).aggregate(count=Count("pk"), oldest=Min("placed_at"))
    age = (now - found["oldest"]).total_seconds() if found["oldest"] else 0.0
    yield GaugeMetricFamily("caicaini_holds_open", "Holds that wait for their settlement.", value=found["count"])
    yield GaugeMetricFamily("caicaini_hold_oldest_seconds", "Age of the oldest open hold.", value=age)
