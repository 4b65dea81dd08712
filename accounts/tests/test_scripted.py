"""Scripted use: programs are told from people by their times, and no single habit of a person is enough."""

from __future__ import annotations

import random
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.abuse import scripted
from accounts.abuse.scripted import LEAST_USES, POINTS, SCRIPTED_AT, Use, judge
from accounts.tests.people import MONDAY, PEOPLE, PROGRAMS, Make, writer

SEEDS = range(25)  # of each kind


@pytest.mark.parametrize("make", PEOPLE)
def test_no_person_looks_like_a_program(make: Make) -> None:
    found = [judge(make(random.Random(seed))) for seed in SEEDS]
    assert [habits for habits in found if habits.is_scripted] == []


@pytest.mark.parametrize("make", PROGRAMS)
def test_every_program_looks_like_one(make: Make) -> None:
    found = [judge(make(random.Random(seed))) for seed in SEEDS]
    assert [habits for habits in found if not habits.is_scripted] == []


def test_no_habit_alone_is_enough() -> None:
    assert max(POINTS.values()) < SCRIPTED_AT


def test_few_messages_say_nothing() -> None:
    uses = PROGRAMS[0](random.Random(1))[: LEAST_USES - 1]
    assert judge(uses).points == 0


def test_order_in_which_uses_are_read_does_not_matter() -> None:
    uses = PROGRAMS[1](random.Random(1))
    assert judge(uses[::-1]) == judge(uses)


USES = st.lists(
    st.builds(
        lambda second, took: Use(
            uuid4(),
            MONDAY + timedelta(seconds=second),
            MONDAY + timedelta(seconds=second + took) if took else None,
            True,
        ),
        st.integers(0, 300_000),
        st.integers(0, 300),
    ),
    max_size=120,
)


@given(USES)
def test_any_times_are_judged(uses: list[Use]) -> None:
    assert 0 <= judge(uses).points <= sum(POINTS.values())


def test_breaks_do_not_count_as_a_rhythm() -> None:
    """Somebody who looks in every two hours is regular and no program."""
    uses = [Use(uuid4(), MONDAY + timedelta(hours=2 * number), None, True) for number in range(36)]
    assert "regular" not in judge(uses * 2).found


def test_a_day_of_a_writer_has_the_spread_that_people_have() -> None:
    pauses = scripted._pauses(sorted(writer(random.Random(3)), key=lambda use: use.started_at))
    assert not scripted._is_regular(pauses)
