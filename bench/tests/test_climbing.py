"""The search for the most streams."""

from __future__ import annotations

import pytest

from bench.climbing import CLOSE_ENOUGH, Climber
from bench.plans import Climb


def climbed(most: int, climb: Climb, noise: int = 0) -> Climber:
    """Climb where everything up to `most` is good; the first `noise` tries fail whatever they are."""
    climber = Climber(climb)
    while not climber.is_done:
        climber.note(climber.rung <= most and noise <= 0)
        noise -= 1
    return climber


@pytest.mark.parametrize("most", [10, 119, 163, 240, 777])
def test_it_ends_close_below_the_most(most: int) -> None:
    best = climbed(most, Climb(start=120, factor=1.3, limit=900, steps=60)).best
    assert best <= most <= best * (1 + CLOSE_ENOUGH) + 2


def test_one_bad_try_is_forgiven() -> None:
    assert climbed(500, Climb(120, 1.3, 400, 60), noise=1).best == 400


def test_it_stops_at_the_limit_and_says_that_more_may_be_possible() -> None:
    climber = climbed(10_000, Climb(100, 2.0, 300, 60))
    assert (climber.best, climber.is_open_ended) == (300, True)


def test_it_stops_after_so_many_steps() -> None:
    assert climbed(10_000, Climb(100, 2.0, 100_000, 3)).best == 400


def test_nothing_works() -> None:
    climber = climbed(0, Climb(8, 2.0, 16, 60))
    assert (climber.best, climber.is_open_ended) == (0, False)
