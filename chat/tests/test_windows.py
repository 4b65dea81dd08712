"""The window: never closed for a client that reads, closed for one that does not."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.windows import Window

RUNS = [UUID(int=number) for number in range(3)]
FRAMES = st.lists(st.tuples(st.sampled_from(RUNS), st.integers(1, 2_000)), min_size=1, max_size=40)


@given(FRAMES)
def test_acknowledging_the_last_frame_stands_for_all_before_it(sizes: list[tuple[UUID, int]]) -> None:
    window = Window(1_000)
    for seq, (run, size) in enumerate(sizes, start=1):
        window.sent(run, seq, size)
    window.acknowledge(sizes[-1][0], len(sizes))
    assert window.bytes == 0


@given(FRAMES, st.data())
def test_what_was_not_acknowledged_is_counted(sizes: list[tuple[UUID, int]], data: st.DataObject) -> None:
    window = Window(1_000)
    for seq, (run, size) in enumerate(sizes, start=1):
        window.sent(run, seq, size)
    place = data.draw(st.integers(0, len(sizes) - 1))
    window.acknowledge(sizes[place][0], place + 1)
    assert window.bytes == sum(size for _run, size in sizes[place + 1 :])


async def test_a_full_window_waits_for_an_acknowledgement() -> None:
    window, run = Window(100), uuid4()
    window.sent(run, 1, 90)
    await asyncio.wait_for(window.wait(), 1)
    window.sent(run, 2, 90)
    waiting = asyncio.create_task(window.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    window.acknowledge(run, 1)
    await asyncio.wait_for(waiting, 1)


@pytest.mark.parametrize("seq", [0, 5, 2**31])
def test_an_acknowledgement_of_something_else_opens_nothing(seq: int) -> None:
    window, run = Window(100), uuid4()
    window.sent(run, 7, 200)
    window.acknowledge(uuid4(), seq)
    assert window.bytes == 200
