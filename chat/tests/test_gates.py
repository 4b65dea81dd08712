"""Gates: never more inside than allowed, everybody's turn comes, and no slot is ever lost, whoever leaves when."""

from __future__ import annotations

import asyncio
import random
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from chat.providers import gates
from chat.providers.base import Failure, ProviderError
from chat.providers.gates import Gate

ANN, BOB, CIM = uuid4(), uuid4(), uuid4()


def nothing(place: int) -> None:
    pass


class Guest:
    """One reply: waits, stays inside until it is told to go, and remembers the places it heard."""

    def __init__(self, gate: Gate, user: UUID, seen: list[Guest] | None = None) -> None:
        self.places: list[int] = []
        self.is_inside = False
        self.may_go = asyncio.Event()
        self._gate = gate
        self._seen = seen if seen is not None else []
        self.task = asyncio.create_task(self._visit(user))

    async def _visit(self, user: UUID) -> None:
        async with self._gate.place(user, self.places.append):
            self.is_inside = True
            self._seen.append(self)
            try:
                await self.may_go.wait()
            finally:
                self.is_inside = False

    async def go(self) -> None:
        self.may_go.set()
        await self.task

    async def cancel(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def settle() -> None:
    """Let everything happen that can happen without time passing."""
    for _ in range(20):
        await asyncio.sleep(0)


def gate_for(most: int, patience: float = 60.0) -> Gate:
    return Gate(most, patience, tell_every=0.0)


async def test_nobody_waits_while_there_is_room_and_nobody_hears_of_a_queue() -> None:
    gate = gate_for(2)
    guests = [Guest(gate, ANN), Guest(gate, BOB)]
    await settle()
    assert [guest.is_inside for guest in guests] == [True, True]
    assert [guest.places for guest in guests] == [[], []]
    for guest in guests:
        await guest.go()
    assert (gate.inside, gate.waiting) == (0, 0)


async def test_places_are_told_and_move_up_to_zero() -> None:
    gate = gate_for(1)
    first, second, third = Guest(gate, ANN), Guest(gate, BOB), Guest(gate, CIM)
    await settle()
    await asyncio.sleep(0.01)
    assert (second.places, third.places) == ([1], [2])
    await first.go()
    await asyncio.sleep(0.01)
    assert (second.places, third.places) == ([1, 0], [2, 1])
    await second.go()
    await settle()
    assert third.is_inside
    assert third.places == [2, 1, 0]
    await third.go()


async def test_one_person_cannot_fill_the_queue() -> None:
    gate, order = gate_for(1), list[Guest]()
    first = Guest(gate, CIM, order)
    many = [Guest(gate, ANN, order) for _ in range(3)]
    late = Guest(gate, BOB, order)
    await settle()
    await asyncio.sleep(0.01)
    assert [guest.places for guest in (*many, late)] == [[1], [3], [4], [2]]
    for guest in (first, many[0], late, many[1], many[2]):
        assert guest.is_inside
        await guest.go()
        await settle()
    assert order == [first, many[0], late, many[1], many[2]]


async def test_who_leaves_the_queue_is_gone_at_once_and_the_others_move_up() -> None:
    gate = gate_for(1)
    first, second, third = Guest(gate, ANN), Guest(gate, BOB), Guest(gate, CIM)
    await settle()
    await asyncio.sleep(0.01)
    await second.cancel()
    assert gate.waiting == 1
    await asyncio.sleep(0.01)
    assert third.places == [2, 1]
    await first.go()
    await settle()
    assert third.is_inside
    await third.go()
    assert (gate.inside, gate.waiting) == (0, 0)


async def test_slot_handed_to_one_who_leaves_in_that_moment_goes_to_the_next() -> None:
    gate = gate_for(1)
    first, second, third = Guest(gate, ANN), Guest(gate, BOB), Guest(gate, CIM)
    await settle()
    first.may_go.set()
    await asyncio.sleep(0)  # the first leaves and hands its slot to the second, which has not woken yet
    second.task.cancel()
    await settle()
    assert second.task.cancelled()
    assert third.is_inside
    assert gate.inside == 1
    await third.go()
    assert gate.inside == 0


async def test_patience_ends_with_a_busy_provider_and_keeps_no_slot() -> None:
    gate = gate_for(1, patience=0.01)
    first, second = Guest(gate, ANN), Guest(gate, BOB)
    with pytest.raises(ProviderError) as failure:
        await second.task
    assert failure.value.kind is Failure.BUSY
    assert (gate.inside, gate.waiting) == (1, 0)
    await first.go()
    assert gate.inside == 0


async def test_listener_that_breaks_takes_no_slot_with_it() -> None:
    gate = gate_for(1)

    def broken(place: int) -> None:
        if place == 0:
            raise RuntimeError

    async def visit() -> None:
        async with gate.place(BOB, broken):
            pass

    first = Guest(gate, ANN)
    await settle()
    second = asyncio.create_task(visit())
    await asyncio.sleep(0.01)
    await first.go()
    with pytest.raises(RuntimeError):
        await second
    assert gate.inside == 0


async def test_failure_inside_gives_the_slot_back() -> None:
    gate = gate_for(1)
    with pytest.raises(ValueError, match="inside"):
        async with gate.place(ANN, nothing):
            raise ValueError("inside")
    assert gate.inside == 0


async def test_each_provider_has_one_gate_as_wide_as_the_settings_say(settings: Settings) -> None:
    settings.PROVIDER_STREAMS = 3
    assert gates.of("demo") is gates.of("demo")
    assert gates.of("demo") is not gates.of("other")
    assert gates.of("demo").most == 3


# A step: somebody comes, the place-th of those here leaves or is cancelled, or time passes.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("come"), st.integers(0, 2)),
        st.tuples(st.just("go"), st.integers(0, 30)),
        st.tuples(st.just("cancel"), st.integers(0, 30)),
        st.tuples(st.just("breathe"), st.integers(1, 4)),
    ),
    max_size=60,
)


@given(most=st.integers(1, 3), steps=STEPS)
def test_no_order_of_coming_and_leaving_loses_a_slot(most: int, steps: list[tuple[str, int]]) -> None:
    asyncio.run(_play(most, steps))


async def _play(most: int, steps: list[tuple[str, int]]) -> None:
    gate, guests = gate_for(most), list[Guest]()
    users = [ANN, BOB, CIM]
    for step, number in steps:
        here = [guest for guest in guests if not guest.task.done()]
        if step == "come":
            guests.append(Guest(gate, users[number]))
        elif step == "breathe":
            for _ in range(number):
                await asyncio.sleep(0)
        elif here:
            guest = here[number % len(here)]
            guest.may_go.set() if step == "go" else guest.task.cancel()
        assert sum(guest.is_inside for guest in guests) <= gate.inside <= most
    await settle()
    here = [guest for guest in guests if not guest.task.done()]
    assert sum(guest.is_inside for guest in here) == gate.inside == min(most, len(here))
    for guest in guests:
        guest.may_go.set()
    await asyncio.gather(*(guest.task for guest in guests), return_exceptions=True)
    assert (gate.inside, gate.waiting) == (0, 0)


async def test_thousand_visitors_with_random_cancellations_all_get_through() -> None:
    gate, luck, most_seen, done = gate_for(7), random.Random(3), 0, 0
    users = [uuid4() for _ in range(20)]

    async def visit(number: int) -> None:
        nonlocal most_seen, done
        async with gate.place(users[number % 20 if number % 3 else 0], nothing):
            most_seen = max(most_seen, gate.inside)
            await asyncio.sleep(luck.random() / 500)
            done += 1

    tasks = [asyncio.create_task(visit(number)) for number in range(1_000)]
    cancelled = luck.sample(tasks, 300)
    for task in cancelled:
        asyncio.get_running_loop().call_later(luck.random() / 10, task.cancel)
    await asyncio.gather(*tasks, return_exceptions=True)
    assert most_seen == 7
    assert done == sum(not task.cancelled() for task in tasks) >= 700
    assert (gate.inside, gate.waiting) == (0, 0)
