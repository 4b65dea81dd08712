"""Redis between two processes: a mirror is the log, whatever happens to Redis on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from caicaini import crypto
from chat.content import ContentKey
from chat.replay import mirrors, streams
from chat.replay.hub import Hub
from chat.replay.mirrors import Mirror
from chat.runlog import Channel, Piece, RunLog, Snapshot

pytestmark = [pytest.mark.services, pytest.mark.skipif(not streams.is_used(), reason="needs Redis")]
KEY = ContentKey(uuid4(), crypto.new_key())


class Heard:
    """Notes what the bus brings."""

    def __init__(self, stopped: list[UUID]) -> None:
        self.stopped = stopped
        self.notices: list[bytes] = []
        self.times_missed = 0

    def stop(self, run: UUID) -> None:
        self.stopped.append(run)

    def tell(self, notice: bytes) -> None:
        self.notices.append(notice)

    def missed(self) -> None:
        self.times_missed += 1


@pytest.fixture
async def stopped() -> list[UUID]:
    return []


@pytest.fixture
async def hub(stopped: list[UUID], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    """Give a hub whose mirrors never look at the database: here it is Redis that is to bring everything."""
    monkeypatch.setattr(mirrors, "LOOK_EVERY", 3_600.0)
    hub = Hub(Heard(stopped))
    monkeypatch.setattr(mirrors, "look", lambda wanted: [mirrors.Stored(Snapshot(0, "", ""), False)] * len(wanted))
    yield hub
    await mirrors.here().close()
    await hub.close()


async def until(mirror: Mirror, log: RunLog) -> None:
    async with asyncio.timeout(10):
        async for _ in mirror.log.follow(0):
            if mirror.log.seq >= log.seq:
                return


async def test_a_mirror_gets_what_was_there_and_what_comes_and_ends(hub: Hub) -> None:
    run, log = uuid4(), RunLog()
    hub.publisher.add(run, KEY, log)
    log.append(Channel.REASONING, "Let me see. ")
    log.append(Channel.TEXT, "Seine")
    async with mirrors.of(run, KEY) as mirror:
        await hub.subscriber.ring()
        await until(mirror, log)
        for number in range(500):
            log.append(Channel.TEXT, f" {number}")
            await asyncio.sleep(0)
        log.close()
        await hub.publisher.finish(run)
        async with asyncio.timeout(10):
            whole = [item async for item in mirror.log.follow(0)]
        assert mirror.log.snapshot() == log.snapshot()
        assert isinstance(whole[-1], Piece)
        assert whole[-1].seq == log.seq
    assert mirrors.here().by_run == {}


async def test_an_emptied_redis_is_filled_again_from_memory(hub: Hub) -> None:
    run, log = uuid4(), RunLog(most_entries=4)
    hub.publisher.add(run, KEY, log)
    async with mirrors.of(run, KEY) as mirror, streams.client() as redis:
        await hub.subscriber.ring()
        for word in ("Seine ", "Nile ", "Po "):
            log.append(Channel.TEXT, word)
            await until(mirror, log)
            await redis.flushdb()
        log.append(Channel.TEXT, "Ob")
        await until(mirror, log)
        assert mirror.log.snapshot() == log.snapshot()
        late = RunLog()
        await asyncio.to_thread(streams.catch_up, late, run, KEY)
        assert late.snapshot() == log.snapshot()
        assert 0 < await redis.ttl(streams.name_of(run)) <= streams.RUNNING_FOR


async def test_an_answer_that_was_lost_is_no_harm(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    run, log = uuid4(), RunLog()
    hub.publisher.add(run, KEY, log)
    real: Any = hub.publisher._write

    async def written_without_an_answer(due: Any) -> None:
        places = [(published, published.sent, published.is_there) for published in due]
        await real(due)
        for published, sent, is_there in places:
            published.sent, published.is_there = sent, is_there
        raise ConnectionResetError

    async with mirrors.of(run, KEY) as mirror:
        await hub.subscriber.ring()
        monkeypatch.setattr(hub.publisher, "_write", written_without_an_answer)
        log.append(Channel.TEXT, "Seine ")
        await until(mirror, log)
        monkeypatch.undo()
        log.append(Channel.TEXT, "Nile")
        await until(mirror, log)
        assert mirror.log.snapshot() == log.snapshot()


async def test_every_stream_ends_by_itself_and_is_short_lived_once_over(hub: Hub) -> None:
    run, log = uuid4(), RunLog()
    hub.publisher.add(run, KEY, log)
    log.close()
    await hub.publisher.finish(run)
    async with streams.client() as redis:
        assert 0 < await redis.ttl(streams.name_of(run)) <= streams.ENDED_FOR
        await asyncio.to_thread(streams.forget, [run])
        assert await redis.exists(streams.name_of(run)) == 0


async def test_what_is_posted_reaches_every_other_process_once(hub: Hub, stopped: list[UUID]) -> None:
    heard = Heard([])
    other = Hub(heard)
    await until_so(lambda: other.subscriber._bus_at is not None and hub.subscriber._bus_at is not None)
    runs = [uuid4(), uuid4()]
    for run in runs:
        await hub.subscriber.post(streams.STOP, run.bytes)
    await other.subscriber.post(streams.STOP, runs[0].bytes)
    await asyncio.to_thread(streams.post, {streams.NOTICE: b"to all"})
    await until_so(lambda: heard.notices == [b"to all"] and bool(stopped))
    await other.close()
    assert heard.stopped == runs
    assert stopped == runs[:1]
    async with streams.client() as redis:
        assert 0 < await redis.ttl(streams.BUS) <= streams.RUNNING_FOR


async def until_so(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.01)
