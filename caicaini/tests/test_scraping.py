"""/metrics: who may read it, and that it answers whatever the database does."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.test import AsyncClient, Client
from prometheus_client.parser import text_string_to_metric_families

from caicaini import metrics, scraping

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "a-token-for-the-scraper"


def names(content: bytes) -> set[str]:
    return {family.name for family in text_string_to_metric_families(content.decode())}


def test_this_machine_gets_everything() -> None:
    answer = Client().get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    assert not answer.cookies
    assert names(answer.content) >= {
        "caicaini_first_token_seconds",
        "caicaini_added_latency_seconds",
        "caicaini_pieces",
        "caicaini_tokens",
        "caicaini_runs_ended",
        "caicaini_runs_running",
        "caicaini_runs_queued",
        "caicaini_sockets_open",
        "caicaini_loop_lag_seconds",
        "caicaini_loop_lag_max_seconds",
        "caicaini_house_loss_microcredits",
        "caicaini_holds_open",
        "caicaini_hold_oldest_seconds",
        "caicaini_job_age_seconds",
        "caicaini_queue_messages",
        "process_start_time_seconds",
        "process_resident_memory_bytes",
    }


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_every_loopback_address_is_this_machine(address: str) -> None:
    assert Client(REMOTE_ADDR=address).get("/metrics").status_code == 200


@pytest.mark.parametrize("address", ["203.0.113.7", "10.0.0.1", "::ffff:203.0.113.7", "2001:db8::1", "", "unix:", "0"])
def test_other_machines_find_nothing(address: str) -> None:
    assert Client(REMOTE_ADDR=address).get("/metrics").status_code == 404


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via", "CF-Connecting-IP"]
)
@pytest.mark.parametrize("value", ["127.0.0.1", ""])
def test_whoever_comes_through_a_proxy_finds_nothing(header: str, value: str) -> None:
    assert Client().get("/metrics", headers={header: value}).status_code == 404


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_the_token_opens_it_from_anywhere(scheme: str, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    client = Client(
        headers={"Authorization": f"{scheme} {TOKEN}", "X-Forwarded-For": "203.0.113.7"}, REMOTE_ADDR="203.0.113.7"
    )
    assert client.get("/metrics").status_code == 200


@pytest.mark.parametrize(
    "shown", ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer é", f"Bearer {TOKEN[:-1]}"]
)
@pytest.mark.parametrize("token", ["", TOKEN])
def test_anything_else_does_not(shown: str, token: str, settings: Any) -> None:
    settings.METRICS_TOKEN = token
    assert Client(headers={"Authorization": shown}, REMOTE_ADDR="203.0.113.7").get("/metrics").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_it_is_there_to_read_only(method: str) -> None:
    assert getattr(Client(), method)("/metrics").status_code == 405


async def test_a_database_that_hangs_hides_only_what_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()

    def hang(*_readings: object) -> list[Any]:
        gate.wait(20)
        return []

    monkeypatch.setattr(scraping, "PATIENCE", 0.05)
    monkeypatch.setattr(metrics, "readings", hang)
    answer = await AsyncClient().get("/metrics")
    gate.set()
    assert answer.status_code == 200
    assert "caicaini_sockets_open" in names(answer.content)
    assert "caicaini_holds_open" not in names(answer.content)
