"""One worker wins a slot; a crash costs that slot and no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.tests.threads import at_once
from caicaini import slots
from caicaini.models import JobSlot
from caicaini.tasks import forget_old_slots

NOW = datetime(2026, 11, 23, 12, 34, 56, 789_000, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Work:
    """Counts its calls."""

    def __init__(self, count: int = 3) -> None:
        self.calls: list[datetime] = []
        self.count = count

    def __call__(self, now: datetime) -> int:
        self.calls.append(now)
        return self.count


@pytest.mark.django_db(transaction=True)
def test_exactly_one_of_many_workers_wins_each_slot() -> None:
    work = Work()
    for number in range(5):
        moment = NOW + number * MINUTE
        results = at_once(8, lambda _n, moment=moment: slots.run_once("job", moment, MINUTE, work))  # type: ignore[misc]
        assert sorted(results, key=str) == [3, *[None] * 7]
    assert len(work.calls) == JobSlot.objects.filter(count=3).exclude(finished_at=None).count() == 5


@pytest.mark.django_db
def test_the_slot_is_now_rounded_down() -> None:
    slots.run_once("job", NOW, MINUTE, Work())
    slots.run_once("daily", NOW, timedelta(days=1), Work())
    rounded = dict(JobSlot.objects.values_list("job", "slot"))
    assert rounded == {"job": datetime(2026, 11, 23, 12, 34, tzinfo=UTC), "daily": datetime(2026, 11, 23, tzinfo=UTC)}
    assert slots.run_once("job", NOW.replace(second=0, microsecond=0), MINUTE, Work()) is None
    assert slots.run_once("job", NOW.replace(second=59, microsecond=999_999), MINUTE, Work()) is None
    assert slots.run_once("job", NOW + MINUTE, MINUTE, Work()) == 3
    assert slots.run_once("other job", NOW, MINUTE, Work()) == 3


@pytest.mark.django_db
@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  (made aware)
    st.sampled_from([MINUTE, timedelta(hours=1), timedelta(days=1)]),
)
def test_a_moment_lies_in_the_slot_it_claims(moment: datetime, every: timedelta) -> None:
    JobSlot.objects.all().delete()
    slots.run_once("job", moment, every, Work())
    slot = JobSlot.objects.get().slot
    assert slot <= moment < slot + every
    assert slot.timestamp() % every.total_seconds() == 0


@pytest.mark.django_db
def test_work_that_raises_leaves_its_slot_open_and_the_next_one_free() -> None:
    def broken(_now: datetime) -> int:
        raise LookupError

    with pytest.raises(LookupError):
        slots.run_once("job", NOW, MINUTE, broken)
    crashed = JobSlot.objects.get()
    assert (crashed.finished_at, crashed.count) == (None, 0)
    assert slots.run_once("job", NOW, MINUTE, Work()) is None
    assert slots.run_once("job", NOW + MINUTE, MINUTE, Work()) == 3


@pytest.mark.django_db
def test_old_slots_are_forgotten_and_recent_ones_kept() -> None:
    for age in (0, 29, 31, 400):
        slots.run_once("job", NOW - timedelta(days=age), MINUTE, Work())
    assert slots.forget_old(NOW) == 2
    assert JobSlot.objects.count() == 2
    forget_old_slots()
