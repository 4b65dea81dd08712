"""The statistics, and what the load client makes of what it sees."""

from __future__ import annotations

import math
import os
import time

import pytest

from bench import gauge as gauges
from bench.figures import median, percentile
from bench.gauge import Gauge
from bench.recipe import Recipe
from bench.usage import cpu_seconds, resident_kib


@pytest.mark.parametrize(("percent", "expected"), [(0, 1), (50, 50), (95, 95), (99, 99), (99.5, 100), (100, 100)])
def test_percentiles_are_measured_values(percent: float, expected: int) -> None:
    assert percentile(list(range(100, 0, -1)), percent) == expected


def test_nothing_has_no_percentile_and_no_median() -> None:
    assert math.isnan(percentile([], 50))
    assert math.isnan(median([]))


def test_median_of_odd_and_even_counts() -> None:
    assert median([9, 1, 5]) == 5
    assert median([1, 9, 5, 3]) == 4


def opened(monkeypatch: pytest.MonkeyPatch, moments: list[int]) -> Gauge:
    """Give an open gauge whose clock says these times."""
    times = iter(moments)
    monkeypatch.setattr(gauges, "now_us", lambda: next(times))
    gauge = Gauge()
    gauge.is_open = True
    return gauge


def test_a_silence_counts_when_the_upstream_had_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    gauge = opened(monkeypatch, [0, 10_000, 200_000])
    gauge.take(f"{9_000:011d} ")
    gauge.take(f"{50_000:011d} ")
    assert (gauge.ages, gauge.silences) == ([1_000, 150_000], [190_000])


def test_a_silent_upstream_is_no_silence_of_the_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    gauge = opened(monkeypatch, [0, 200_000])
    gauge.take(f"{199_000:011d} " * 2)
    assert (gauge.ages, gauge.silences) == ([1_000, 1_000], [])


def test_formatted_text_and_a_closed_gauge_measure_nothing() -> None:
    gauge = Gauge()
    gauge.take("not a number")
    gauge.is_open = True
    gauge.prepare(Recipe(prose=1))
    gauge.take("not a number")
    assert gauge.ages == []


def test_a_process_is_measured_from_outside() -> None:
    process = os.getpid()
    assert cpu_seconds(process) == pytest.approx(time.process_time(), abs=0.5)
    assert resident_kib(process) > 1_000
    assert cpu_seconds(0) == 0.0
