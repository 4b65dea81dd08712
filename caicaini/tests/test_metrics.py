"""The counters: right names, few labels, nobody in them, and next to nothing a piece."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator

import pytest
from django.db import OperationalError
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families

from caicaini import metrics

PROMETHEUS = {"le", "version"}


def value(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.fixture
def count_everything() -> None:
    metrics.first_token("demo", "demo", 0.4)
    metrics.added_latency(0.002)
    metrics.pieces(3)
    metrics.tokens_billed(input=10, cached=0, cache_write=2, output=5)
    metrics.run_ended("finished", "finished", "demo")
    metrics.house_loss(7)
    metrics.LoopLag(0.0).note(0.003, 1.0)


@pytest.mark.django_db
def test_no_label_can_name_a_person(count_everything: None) -> None:
    families = list(text_string_to_metric_families(metrics.exposition(metrics.readings()).decode()))
    labels = {label for family in families for sample in family.samples for label in sample.labels}
    assert labels >= {"provider", "model", "end", "rule", "kind"}
    assert labels <= metrics.LABELS | PROMETHEUS
    assert not {"user", "run", "conversation", "account", "address"} & metrics.LABELS


def test_what_is_counted_shows(count_everything: None) -> None:
    before = {
        "pieces": value("caicaini_pieces_total"),
        "output": value("caicaini_tokens_total", kind="output"),
        "ended": value("caicaini_runs_ended_total", end="failed", rule="timed_out", provider="moonshot"),
        "first": value("caicaini_first_token_seconds_count", provider="demo", model="demo"),
        "loss": value("caicaini_house_loss_microcredits_total"),
        "sockets": value("caicaini_sockets_open"),
    }
    metrics.pieces(40)
    metrics.tokens_billed(output=9)
    metrics.run_ended("failed", "timed_out", "moonshot")
    metrics.first_token("demo", "demo", 1.5)
    metrics.house_loss(12)
    metrics.socket_opened()
    metrics.socket_opened()
    metrics.socket_closed()
    assert value("caicaini_pieces_total") == before["pieces"] + 40
    assert value("caicaini_tokens_total", kind="output") == before["output"] + 9
    ended = value("caicaini_runs_ended_total", end="failed", rule="timed_out", provider="moonshot")
    assert ended == before["ended"] + 1
    assert value("caicaini_first_token_seconds_count", provider="demo", model="demo") == before["first"] + 1
    assert value("caicaini_house_loss_microcredits_total") == before["loss"] + 12
    assert value("caicaini_sockets_open") == before["sockets"] + 1


def test_a_class_without_tokens_makes_no_series() -> None:
    metrics.tokens_billed(unheard_of=0)
    assert metrics.REGISTRY.get_sample_value("caicaini_tokens_total", {"kind": "unheard_of"}) is None


def test_gauges_ask_when_they_are_read() -> None:
    running = [1, 2]
    metrics.runs_running.set_function(lambda: len(running))
    running.append(3)
    assert value("caicaini_runs_running") == 3
    metrics.runs_running.set_function(lambda: 0)


def test_the_longest_lag_is_forgotten_after_two_minutes_and_not_before_one() -> None:
    lag = metrics.LoopLag(0.0)
    lag.note(0.5, 59.0)
    lag.note(0.001, 61.0)
    assert value("caicaini_loop_lag_max_seconds") == 0.5
    lag.note(0.002, 122.0)
    assert value("caicaini_loop_lag_max_seconds") == 0.002
    lag.note(0.001, 183.0)
    assert value("caicaini_loop_lag_max_seconds") == 0.002


async def test_a_blocked_loop_is_noticed() -> None:
    before = value("caicaini_loop_lag_seconds_count")
    task = metrics.start_loop_lag()
    await asyncio.sleep(0.01)
    time.sleep(0.3)  # noqa: ASYNC251  (the blockade)
    while value("caicaini_loop_lag_seconds_count") == before:
        await asyncio.sleep(0.01)
    task.cancel()
    assert value("caicaini_loop_lag_max_seconds") >= 0.2
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.fixture
def no_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_readings", [])


def test_a_room_shows_what_only_it_knows_and_a_dead_database_hides_only_that(no_readings: None) -> None:
    def rooms() -> Iterator[Metric]:
        yield GaugeMetricFamily("caicaini_rooms", "Rooms.", value=5)

    def broken() -> Iterable[Metric]:
        raise OperationalError

    for reading in (broken, rooms, rooms):
        metrics.read_at_scrape(reading)
    assert [metric.name for metric in metrics.readings()] == ["caicaini_rooms"]
    assert metrics.exposition(metrics.readings()).decode().count("caicaini_rooms 5.0\n") == 1


def test_counting_costs_microseconds() -> None:
    began = time.perf_counter()
    for _ in range(10_000):
        metrics.pieces(10)
        metrics.added_latency(0.002)
    assert time.perf_counter() - began < 1.0  # 0.01 s on an idle machine
