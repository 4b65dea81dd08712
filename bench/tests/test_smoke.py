"""Everything once, hardly measured: that the parts still speak to each other."""

from __future__ import annotations

import math

import pytest
from django.conf import settings

from bench import goals
from bench.__main__ import run
from bench.plans import TINY


@pytest.mark.services
@pytest.mark.skipif(not settings.REDIS_URL, reason="starts MariaDB and Redis: once, in the pass that has them anyway")
@pytest.mark.timeout(180)
def test_a_tiny_run_measures_every_goal() -> None:
    notes: list[str] = []
    numbers = run(TINY, "daphne", notes, notes.append)
    silent = {one.goal.what for one in goals.judge(numbers) if math.isnan(one.measured)}
    assert silent == {"the same"}  # how naive climbs is left out
