"""What is read at a scrape: ages of jobs, length of the queue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as configured

from caicaini import gauges
from caicaini.celery import app
from caicaini.models import JobSlot
from caicaini.tasks import forget_old_slots

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def slot(job: str, finished: timedelta | None, order: int) -> None:
    at = NOW - timedelta(minutes=order)
    JobSlot.objects.create(job=job, slot=at, claimed_at=at, finished_at=None if finished is None else NOW - finished)


@pytest.mark.django_db
def test_the_age_of_a_job_is_that_of_its_newest_finished_run() -> None:
    slot("purge", timedelta(seconds=90), 2)
    slot("purge", timedelta(seconds=30), 1)
    slot("purge", None, 0)  # it runs, or it crashed
    slot("prove", timedelta(hours=9), 540)
    slot("crashes", None, 5)
    ages = {sample.labels["task"]: sample.value for sample in gauges.job_ages(NOW).samples}
    assert ages == {"purge": 30.0, "prove": 32_400.0}


@pytest.mark.django_db
def test_it_takes_one_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        gauges.job_ages(NOW)


def test_tasks_in_the_folder_are_counted(settings: Any, tmp_path: Path) -> None:
    settings.QUEUE_DIR = tmp_path
    assert gauges.queue_length("filesystem://here") is None
    (tmp_path / "messages").mkdir()
    assert gauges.queue_length("filesystem://here") == 0
    for name in ("1_a.celery.msg", "2_b.celery.msg", "celery.lock"):
        (tmp_path / "messages" / name).touch()
    assert gauges.queue_length("filesystem://here") == 2


@pytest.mark.skipif(bool(configured.REDIS_URL), reason="the queue is in Redis")
def test_a_task_that_was_sent_is_counted_where_celery_puts_it() -> None:
    before = gauges.queue_length(configured.CELERY_BROKER_URL)
    assert before is not None
    forget_old_slots.delay()
    assert gauges.queue_length(configured.CELERY_BROKER_URL) == before + 1


@pytest.mark.skipif(not configured.REDIS_URL, reason="no Redis here")
def test_tasks_in_redis_are_counted() -> None:
    with redis.Redis.from_url(configured.REDIS_URL) as client:
        client.delete(gauges.QUEUE)
        client.rpush(gauges.QUEUE, "a task", "another")
        assert gauges.queue_length(configured.REDIS_URL) == 2
        client.delete(gauges.QUEUE)


def test_celery_uses_the_queue_that_is_counted() -> None:
    assert app.conf.task_default_queue == gauges.QUEUE


@pytest.mark.parametrize("broker", ["redis://127.0.0.1:1/0", "redis://127.0.0.1:port/0", "amqp://guest@127.0.0.1//"])
def test_a_queue_that_does_not_answer_has_no_length(broker: str) -> None:
    assert gauges.queue_length(broker) is None
