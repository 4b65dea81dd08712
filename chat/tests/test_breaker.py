"""The breaker: what opens it, who may try while it is open, and what other processes get to know."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.core.cache.backends.base import BaseCache

from chat.providers import breaker
from chat.providers.base import Failure
from chat.providers.breaker import ANSWERS, FAILURES, FIRST_PAUSE, LONGEST_PAUSE, WITHIN, Breaker

OUTAGES = sorted(set(Failure) - ANSWERS)


class Time:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def circuit(time: Time) -> Breaker:
    return Breaker(time)


def trip(circuit: Breaker) -> None:
    for _ in range(FAILURES):
        circuit.failed(Failure.UNAVAILABLE)


@pytest.mark.parametrize("kind", OUTAGES)
def test_outages_in_a_row_open_it(circuit: Breaker, time: Time, kind: Failure) -> None:
    assert [circuit.failed(kind) for _ in range(FAILURES)] == [False] * (FAILURES - 1) + [True]
    assert not circuit.allow()
    time.now += FIRST_PAUSE - 1
    assert not circuit.allow()


@pytest.mark.parametrize("kind", sorted(ANSWERS))
def test_request_that_the_provider_would_not_take_is_an_answer(circuit: Breaker, kind: Failure) -> None:
    for _ in range(FAILURES * 2):
        circuit.failed(kind)
    assert circuit.allow()
    for _ in range(FAILURES - 1):
        circuit.failed(Failure.TIMEOUT)
    circuit.failed(kind)
    circuit.failed(Failure.TIMEOUT)
    assert circuit.allow()


def test_success_between_and_failures_far_apart_open_nothing(circuit: Breaker, time: Time) -> None:
    for _ in range(3):
        for _ in range(FAILURES - 1):
            circuit.failed(Failure.BUSY)
        assert not circuit.succeeded()
    for _ in range(FAILURES * 2):
        circuit.failed(Failure.BUSY)
        time.now += WITHIN / (FAILURES - 1) + 0.1
    assert circuit.allow()


def test_one_trial_decides(circuit: Breaker, time: Time) -> None:
    trip(circuit)
    time.now += FIRST_PAUSE
    assert [circuit.allow() for _ in range(3)] == [True, False, False]
    assert circuit.succeeded()
    assert [circuit.allow() for _ in range(3)] == [True, True, True]


def test_pause_doubles_up_to_five_minutes_and_starts_anew_after_a_success(circuit: Breaker, time: Time) -> None:
    trip(circuit)
    pauses = []
    for _ in range(6):
        pauses.append(circuit.seconds_left())
        time.now += circuit.seconds_left()
        assert circuit.allow()
        assert circuit.failed(Failure.HOUSE)
    assert pauses == [20, 40, 80, 160, LONGEST_PAUSE, LONGEST_PAUSE]
    circuit.succeeded()
    trip(circuit)
    assert circuit.seconds_left() == FIRST_PAUSE


def test_trial_that_was_stopped_makes_room_for_the_next(circuit: Breaker, time: Time) -> None:
    trip(circuit)
    time.now += FIRST_PAUSE
    assert circuit.allow()
    circuit.abandoned()
    assert circuit.allow()


def test_trial_that_hangs_does_not_keep_others_out_for_ever(circuit: Breaker, time: Time) -> None:
    trip(circuit)
    time.now += FIRST_PAUSE
    assert circuit.allow()
    time.now += FIRST_PAUSE
    assert circuit.allow()


def test_late_failures_of_older_runs_prolong_nothing(circuit: Breaker) -> None:
    trip(circuit)
    assert not circuit.failed(Failure.TIMEOUT)
    assert circuit.seconds_left() == FIRST_PAUSE


def test_only_what_is_open_is_named() -> None:
    trip(breaker.of("anthropic"))
    breaker.of("demo").failed(Failure.BUSY)
    assert breaker.pauses(["anthropic", "demo", "never asked"]) == {"anthropic": FIRST_PAUSE}
    assert breaker.is_open("anthropic")
    assert not breaker.is_open("demo")


async def test_other_processes_know_until_it_closes() -> None:
    trip(breaker.of("anthropic"))
    await breaker.share("anthropic")
    breaker._made.clear()  # as in a process that has never asked this provider
    assert 0 < breaker.pauses(["anthropic"])["anthropic"] <= FIRST_PAUSE + 1
    await breaker.share("anthropic")
    assert breaker.pauses(["anthropic"]) == {}


async def test_without_the_cache_a_process_knows_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*args: Any, **named: Any) -> None:
        raise ConnectionError

    for name in ("get_many", "set"):
        monkeypatch.setattr(_backend(), name, down)
    trip(breaker.of("anthropic"))
    await breaker.share("anthropic")
    assert breaker.pauses(["anthropic", "demo"]) == {"anthropic": FIRST_PAUSE}


def _backend() -> type[BaseCache]:
    return type(cache._connections[cache._alias])  # type: ignore[attr-defined]
