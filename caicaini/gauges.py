"""What is read when somebody asks for the metrics: when each job last came to its end, and how long the queue is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from caicaini.models import JobSlot

QUEUE = "celery"  # the name of Celery's default queue, and of the list in Redis that holds it
PATIENCE = 1.0  # seconds


def read() -> Iterator[Metric]:
    """Give what the kernel knows."""
    yield job_ages(timezone.now())
    messages = queue_length(settings.CELERY_BROKER_URL)
    if messages is not None:
        yield GaugeMetricFamily("caicaini_queue_messages", "Tasks that wait for a worker.", value=messages)


def job_ages(now: datetime) -> Metric:
    """Say for each scheduled job how long ago a run of it came to its end; a pass over at most 30 days of slots."""
    ages = GaugeMetricFamily("caicaini_job_age_seconds", "Since the job last came to its end.", labels=["task"])
    finished = JobSlot.objects.exclude(finished_at=None).order_by().values_list("job")
    for job, at in finished.annotate(at=Max("finished_at")):
        ages.add_metric([job], (now - at).total_seconds())
    return ages


def queue_length(broker: str) -> int | None:
    """Count the waiting tasks; None where that cannot be told."""
    if broker.startswith("filesystem"):
        return _files(settings.QUEUE_DIR / "messages")
    return _list_length(broker) if urlsplit(broker).scheme in {"redis", "rediss"} else None


def _files(folder: Path) -> int | None:
    try:
        return sum(entry.suffix == ".msg" for entry in folder.iterdir())
    except OSError:
        return None


def _list_length(broker: str) -> int | None:
    try:
        with redis.Redis.from_url(broker, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as client:
            return int(client.llen(QUEUE))
    except (redis.RedisError, OSError, ValueError):
        return None
