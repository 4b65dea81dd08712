"""Readiness: what must answer, what is only said, and that nobody waits long or learns what a driver says."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import AsyncClient, Client
from django.utils import timezone

from caicaini import health, pool
from caicaini.models import JobSlot, WrappedKey

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECRET = "10.1.2.3 denied"


@pytest.fixture(autouse=True)
def ready_process() -> Iterator[None]:
    yield
    health.set_draining(False)
    health._pending.clear()


def claim(ago: timedelta) -> None:
    at = timezone.now() - ago
    JobSlot.objects.create(job="purge", slot=at, claimed_at=at)


def break_reading(monkeypatch: pytest.MonkeyPatch, model: type, error: Exception) -> None:
    def fail(_self: object) -> bool:
        raise error

    kind = type(model.objects.all())  # type: ignore[attr-defined]
    whole = kind.exists
    monkeypatch.setattr(kind, "exists", lambda self: fail(self) if self.model is model else whole(self))


def test_a_process_with_all_it_needs_is_ready(settings: Any) -> None:
    claim(timedelta(seconds=50))
    answer = Client().get("/readyz")
    expected: dict[str, object] = {"database": "ok", "vault": "ok", "worker": "ok", "draining": False}
    if settings.REDIS_URL:
        expected["redis"] = "ok"
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "checks": expected})
    assert answer["Cache-Control"] == "no-store, private"
    assert not answer.cookies


async def test_it_answers_the_server_that_speaks_asgi() -> None:
    assert (await AsyncClient().get("/readyz")).status_code == 200


def test_a_late_or_missing_worker_is_said_and_keeps_nobody_out() -> None:
    missing = Client().get("/readyz")
    claim(timedelta(minutes=4))
    late = Client().get("/readyz")
    assert (missing.status_code, missing.json()["checks"]["worker"]) == (200, "never")
    assert (late.status_code, late.json()["checks"]["worker"]) == (200, "late")


@pytest.mark.parametrize(
    ("claimed_at", "said"),
    [
        (None, "never"),
        (NOW, "ok"),
        (NOW - timedelta(minutes=3), "ok"),
        (NOW - timedelta(minutes=3, seconds=1), "late"),
        (NOW + timedelta(seconds=1), "ok"),
    ],
)
def test_the_worker_is_judged_by_its_newest_claim(claimed_at: datetime | None, said: str) -> None:
    assert health.heartbeat(claimed_at, NOW) == said


@pytest.mark.parametrize(("name", "model"), [("database", JobSlot), ("vault", WrappedKey)])
def test_without_a_database_it_is_not_ready_and_quotes_no_driver(
    name: str, model: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_reading(monkeypatch, model, OperationalError(2003, SECRET))
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["checks"][name]) == (503, "failed")
    assert not answer.json()["ready"]
    assert SECRET not in answer.content.decode()


def test_a_process_that_drains_is_not_ready_and_alive() -> None:
    health.set_draining(True)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["draining"]) == (503, True)
    assert Client().get("/healthz").status_code == 200
    health.set_draining(False)
    assert Client().get("/readyz").status_code == 200


def test_redis_is_asked_where_it_is_used(settings: Any) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        free = server.getsockname()[1]
    settings.REDIS_URL = f"redis://:pass-word@127.0.0.1:{free}/0"
    refused = Client().get("/readyz")
    settings.REDIS_URL = ""
    embedded = Client().get("/readyz")
    assert (refused.status_code, refused.json()["checks"]["redis"]) == (503, "failed")
    assert (embedded.status_code, "redis" in embedded.json()["checks"]) == (200, False)


async def test_what_hangs_is_asked_once_and_waited_for_briefly(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, asked = threading.Event(), 0

    def hang() -> bool:
        nonlocal asked
        asked += 1
        return gate.wait(20)

    async def hanging() -> str:
        return "ok" if await pool.run(hang) else "failed"

    settings.REDIS_URL = ""
    monkeypatch.setattr(health, "PATIENCE", 0.05)
    monkeypatch.setitem(health.CHECKS, "vault", hanging)
    found = await asyncio.gather(*(AsyncClient().get("/readyz") for _ in range(12)))
    found.append(await AsyncClient().get("/readyz"))
    gate.set()
    assert {(answer.status_code, answer.json()["checks"]["vault"]) for answer in found} == {(503, "timeout")}
    assert asked == 1
    monkeypatch.setattr(health, "PATIENCE", 5)
    assert (await AsyncClient().get("/readyz")).status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_it_is_there_to_read_only(method: str) -> None:
    assert getattr(Client(), method)("/readyz").status_code == 405


def test_it_touches_nothing_on_the_requests_own_thread(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0), django_assert_num_queries(0, using="vault"):
        Client().get("/readyz")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_it_is_asked_past_the_proxy_that_speaks_tls(path: str, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get(path).status_code == 200
    assert Client().get("/failure-policy/").status_code == 301
