"""The run log: numbered, ordered, bounded, and without gaps for anyone."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chat.runlog import Channel, Piece, Place, RunLog, Snapshot

PIECES = st.lists(st.tuples(st.sampled_from(Channel), st.text(min_size=1, max_size=4)), max_size=60)


def filled(pieces: list[tuple[Channel, str]], most: int = 4096) -> RunLog:
    log = RunLog(most)
    for channel, text in pieces:
        log.append(channel, text)
    return log


def rebuilt(items: list[Piece | Snapshot], before: dict[Channel, str] | None = None) -> dict[Channel, str]:
    """Do what a client does with what it gets."""
    texts = dict(before or {Channel.TEXT: "", Channel.REASONING: ""})
    for item in items:
        if isinstance(item, Snapshot):
            texts = {Channel.TEXT: item.text, Channel.REASONING: item.reasoning}
        else:
            texts[item.channel] += item.text
    return texts


def whole(log: RunLog) -> dict[Channel, str]:
    return {channel: log.whole(channel) for channel in Channel}


@given(PIECES, st.integers(1, 8), st.data())
def test_reading_from_any_number_gives_the_whole(
    pieces: list[tuple[Channel, str]], most: int, data: st.DataObject
) -> None:
    log = filled(pieces, most)
    after = data.draw(st.integers(0, len(pieces)))
    known = rebuilt([Piece(1, channel, text) for channel, text in pieces[:after]])
    got = log.since(after)
    assert rebuilt(got, known) == whole(log)
    assert [item.seq for item in got] == sorted({item.seq for item in got})
    assert (got[-1].seq if got else after) == log.seq


@given(PIECES)
def test_neighbours_of_one_channel_come_joined(pieces: list[tuple[Channel, str]]) -> None:
    channels = [item.channel for item in filled(pieces).since(0) if isinstance(item, Piece)]
    assert all(left is not right for left, right in pairwise(channels))


def test_log_is_bounded_and_an_old_position_gets_a_snapshot() -> None:
    log = filled([(Channel.TEXT, str(number % 10)) for number in range(100)], most=10)
    assert log.since(5) == [Snapshot(100, "0123456789" * 10, "")]
    assert log.since(90) == [Piece(100, Channel.TEXT, "0123456789")]


def test_position_ahead_of_the_log_waits() -> None:
    assert filled([(Channel.TEXT, "a")]).since(7) == []


async def test_followers_get_everything_whenever_they_come() -> None:
    log = RunLog(8)
    got: list[list[Piece | Snapshot]] = [[], [], []]

    async def follow(number: int) -> None:
        async for item in log.follow(0):
            assert not isinstance(item, Place)
            got[number].append(item)
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(follow(0))]
    for step in range(200):
        log.append(Channel.TEXT if step % 3 else Channel.REASONING, str(step))
        if step == 50:
            tasks.append(asyncio.create_task(follow(1)))
        if step % 7 == 0:
            await asyncio.sleep(0)
    log.close()
    tasks.append(asyncio.create_task(follow(2)))
    async with asyncio.timeout(5):
        await asyncio.gather(*tasks)
    assert [rebuilt(items) for items in got] == [whole(log)] * 3


async def test_follower_that_leaves_is_forgotten() -> None:
    log = filled([(Channel.TEXT, "a")])
    follower = log.follow(0)
    assert await anext(follower) == Piece(1, Channel.TEXT, "a")
    waiting = asyncio.create_task(anext(follower))
    await asyncio.sleep(0)
    assert len(log._waiting) == 1
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert log._waiting == set()


async def test_closed_empty_log_ends_at_once() -> None:
    log = RunLog()
    log.close()
    assert [item async for item in log.follow(0)] == []
