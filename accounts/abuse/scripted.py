"""Whether a program uses the pages in a person's place, judged by times and shapes alone, never by what is said.

No single habit is enough: who writes slowly, evenly, with a screen reader or at night has one of them, and not all.
Whoever uses an official token is not judged here at all: a program is what tokens are for.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import fmean, median, pstdev
from uuid import UUID

LOOK_BACK = timedelta(days=3)
LEAST_USES = 40  # fewer say nothing about anybody
LEAST_GAPS = 30
LONGEST_GAP = 1_800.0  # seconds; a longer one is a break, not a rhythm
REGULAR_BELOW = 0.2  # coefficient of variation of the pauses; people have 0.5 and more
BUSY_HOURS, BUSY_DAYS = 20, 2
SINGLE_TURNS = 0.9  # of the conversations
NO_TIME = 2.0  # seconds between the end of an answer and the next message: too short to read one
WITHOUT_PAGE = 0.9  # of the messages
SCRIPTED_AT = 4


@dataclass(frozen=True, slots=True)
class Use:
    """One message as this module sees it. `has_page`: whether one of our pages asked for it."""

    conversation: UUID
    started_at: datetime
    ended_at: datetime | None
    has_page: bool


@dataclass(frozen=True, slots=True)
class Habits:
    """Points of what was found, by name."""

    found: dict[str, int]

    @property
    def points(self) -> int:
        return sum(self.found.values())

    @property
    def is_scripted(self) -> bool:
        return self.points >= SCRIPTED_AT


POINTS = {"regular": 2, "round_the_clock": 2, "no_reading_time": 1, "single_turns": 1, "no_page": 1}


def judge(uses: Sequence[Use]) -> Habits:
    """Look for the habits of a program in one person's uses of the last days."""
    if len(uses) < LEAST_USES:
        return Habits({})
    ordered = sorted(uses, key=lambda use: use.started_at)
    pauses = _pauses(ordered)
    checks = {
        "regular": _is_regular(_gaps(ordered)) or _is_regular(pauses),
        "round_the_clock": _is_round_the_clock(ordered),
        "no_reading_time": len(pauses) >= LEAST_GAPS and median(pauses) < NO_TIME,
        "single_turns": _has_single_turns(ordered),
        "no_page": sum(not use.has_page for use in ordered) >= WITHOUT_PAGE * len(ordered),
    }
    return Habits({name: POINTS[name] for name, is_so in checks.items() if is_so})


def _gaps(uses: Sequence[Use]) -> list[float]:
    """Give the seconds from one message to the next, breaks left out."""
    gaps = ((after.started_at - before.started_at).total_seconds() for before, after in pairwise(uses))
    return [gap for gap in gaps if gap <= LONGEST_GAP]


def _pauses(uses: Sequence[Use]) -> list[float]:
    """Give the seconds from the end of an answer to the next message, breaks left out."""
    pauses = (
        (after.started_at - before.ended_at).total_seconds() for before, after in pairwise(uses) if before.ended_at
    )
    return [max(pause, 0.0) for pause in pauses if pause <= LONGEST_GAP]


def _is_regular(gaps: Sequence[float]) -> bool:
    mean = fmean(gaps) if len(gaps) >= LEAST_GAPS else 0.0
    return mean > 0 and pstdev(gaps) / mean < REGULAR_BELOW


def _is_round_the_clock(uses: Sequence[Use]) -> bool:
    hours: defaultdict[object, set[int]] = defaultdict(set)
    for use in uses:
        hours[use.started_at.date()].add(use.started_at.hour)
    return sum(len(of_day) >= BUSY_HOURS for of_day in hours.values()) >= BUSY_DAYS


def _has_single_turns(uses: Sequence[Use]) -> bool:
    turns = Counter(use.conversation for use in uses)
    return sum(count == 1 for count in turns.values()) >= SINGLE_TURNS * len(turns) and len(turns) >= LEAST_USES
