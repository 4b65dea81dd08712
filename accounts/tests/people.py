"""Invented people and programs: when they send, how long they read, whether a page of ours asked."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from accounts.abuse.scripted import Use

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
DAYS = 3
Make = Callable[[random.Random], list[Use]]


def _uuid(dice: random.Random) -> UUID:
    return UUID(int=dice.getrandbits(128), version=4)


def _session(
    dice: random.Random,
    start: datetime,
    count: int,
    pause: Callable[[], float],
    *,
    answer: Callable[[], float] | None = None,
    turns: int = 6,
    has_page: bool = True,
) -> Iterator[Use]:
    moment, conversation = start, _uuid(dice)
    for number in range(count):
        if number % turns == 0:
            conversation = _uuid(dice)
        end = moment + timedelta(seconds=answer() if answer else dice.uniform(3, 40))
        yield Use(conversation, moment, end, has_page)
        moment = end + timedelta(seconds=pause())


def _days(make: Callable[[datetime], Iterator[Use]], hour: int) -> list[Use]:
    return [use for day in range(DAYS) for use in make(MONDAY + timedelta(days=day, hours=hour))]


def writer(dice: random.Random) -> list[Use]:
    """Works with it for some hours a day."""
    return _days(lambda at: _session(dice, at, 40, lambda: dice.lognormvariate(4, 1), turns=dice.randint(2, 15)), 9)


def asker(dice: random.Random) -> list[Use]:
    """Opens a new conversation for every question and looks at the answers briefly."""
    return _days(lambda at: _session(dice, at, 50, lambda: dice.lognormvariate(3, 1), turns=1), 14)


def slow_typist(dice: random.Random) -> list[Use]:
    """Types by a switch or with the eyes: minutes for each message, and rather evenly."""
    return _days(lambda at: _session(dice, at, 30, lambda: max(dice.gauss(240, 42), 60), turns=8), 10)


def steady_typist(dice: random.Random) -> list[Use]:
    """The same, so evenly as nobody was seen to do, and with one question a conversation."""
    return _days(lambda at: _session(dice, at, 30, lambda: dice.gauss(200, 12), turns=1), 10)


def screen_reader(dice: random.Random) -> list[Use]:
    """Hears each answer to its end, at a steady speed, so that pauses follow the length of the answer."""

    def use(at: datetime) -> Iterator[Use]:
        moment, conversation = at, _uuid(dice)
        for number in range(40):
            if number % 5 == 0:
                conversation = _uuid(dice)
            took = dice.uniform(5, 30)
            end = moment + timedelta(seconds=took)
            yield Use(conversation, moment, end, has_page=True)
            moment = end + timedelta(seconds=took * 6 + dice.lognormvariate(2.5, 0.6))

    return _days(use, 8)


def dictating(dice: random.Random) -> list[Use]:
    """Speaks short messages one after the other."""
    return _days(lambda at: _session(dice, at, 60, lambda: 3 + dice.lognormvariate(1.5, 0.7), turns=20), 18)


def impatient(dice: random.Random) -> list[Use]:
    """Has the next message ready, and sends it at once."""
    return _days(lambda at: _session(dice, at, 60, lambda: dice.lognormvariate(0.2, 0.9), turns=12), 20)


def sleepless(dice: random.Random) -> list[Use]:
    """Comes back at most hours of the day and the night."""
    hours = [hour for hour in range(24) if hour not in {4, 5}]
    return [
        use
        for day in range(DAYS)
        for hour in hours
        for use in _session(dice, MONDAY + timedelta(days=day, hours=hour), 3, lambda: dice.lognormvariate(4, 1))
    ]


def timer(dice: random.Random) -> list[Use]:
    """A program that sends every minute, day and night."""
    return [
        Use(_uuid(dice), at, at + timedelta(seconds=dice.uniform(3, 20)), has_page=True)
        for at in (MONDAY + timedelta(seconds=60 * number + dice.gauss(0, 2)) for number in range(1_440 * 2))
    ]


def harvester(dice: random.Random) -> list[Use]:
    """A program that sends the next question the moment an answer ends, one a conversation."""
    return _days(lambda at: _session(dice, at, 200, lambda: dice.uniform(0.05, 0.07), turns=1), 9)


def headless(dice: random.Random) -> list[Use]:
    """The same with random pauses, without a page of ours, day and night."""
    return list(_session(dice, MONDAY, 1_500, lambda: dice.uniform(60, 120), turns=1, has_page=False))


def patient_program(dice: random.Random) -> list[Use]:
    """A program with a fixed pause after each answer, one question a conversation, without a page of ours."""
    return _days(lambda at: _session(dice, at, 80, lambda: 20 + dice.gauss(0, 1), turns=1, has_page=False), 1)


PEOPLE: tuple[Make, ...] = (writer, asker, slow_typist, steady_typist, screen_reader, dictating, impatient, sleepless)
PROGRAMS: tuple[Make, ...] = (timer, harvester, headless, patient_program)
