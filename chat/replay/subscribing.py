"""Reads from Redis what other processes write: one blocking read for all mirrored runs and for the bus."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, cast
from uuid import UUID, uuid4

import redis
import redis.asyncio
import structlog

from caicaini.crypto import UnreadableError
from chat.replay import streams
from chat.replay.mirrors import Mirrors
from chat.replay.streams import Entries

log = structlog.get_logger(__name__)
WAIT_MS = 5_000
AT_MOST = 200  # entries of a stream at once
JOIN_WITHIN = 2.0  # seconds
PAUSE = 0.5  # seconds after a failure
DOOR_FOR = 86_400  # seconds

Redis = redis.asyncio.Redis
Answer = list[tuple[bytes, Entries]]


class Listener(Protocol):
    """What is done with what the bus brings."""

    def stop(self, run: UUID) -> object:
        """Stop a run if it is here."""
        ...

    def tell(self, notice: bytes) -> object:
        """Pass a notice to the sockets that it is for."""
        ...

    def missed(self) -> object:
        """Redis was away: what it should have brought is lost."""
        ...


class Subscriber:
    """The one reader of a process and event loop."""

    def __init__(self, client: Redis, reading: Redis, mirrors: Mirrors, listener: Listener) -> None:
        self._redis = client
        self._reading = reading
        self._mirrors = mirrors
        self._listener = listener
        self._me = uuid4().bytes
        self._door = f"door:{uuid4()}"  # whoever comes rings: the read that waits does not know of a new run
        self._door_at = b"0-0"
        self._bus_at: bytes | None = None
        self._has_joined = asyncio.Event()
        self._is_away = False
        self._task = asyncio.create_task(self._work())

    async def ring(self) -> None:
        """Make the waiting read look again at what it should read."""
        try:
            async with asyncio.timeout(streams.PATIENCE):
                await self._redis.xadd(self._door, {b"r": b"1"}, maxlen=1)
                await self._redis.expire(self._door, DOOR_FOR)
        except (redis.RedisError, OSError, TimeoutError) as error:
            log.warning("subscribing.door_is_shut", exc_info=error)

    def signed(self, kind: bytes, content: bytes) -> dict[bytes, bytes]:
        """Write a message for the bus that this process itself will pass over."""
        return {kind: content, streams.SENDER: self._me}

    async def post(self, kind: bytes, content: bytes) -> None:
        """Tell the other processes something at once; while Redis is away it is lost."""
        try:
            pipe = self._redis.pipeline(transaction=False)
            streams.queue_posts(pipe, [self.signed(kind, content)])
            async with asyncio.timeout(streams.PATIENCE):
                await pipe.execute()
        except (redis.RedisError, OSError, TimeoutError) as error:
            log.warning("subscribing.not_posted", exc_info=error)

    async def joined(self) -> None:
        """Wait until the bus is heard for the first time, or not much longer: Redis may be away."""
        with suppress(TimeoutError):
            async with asyncio.timeout(JOIN_WITHIN):
                await self._has_joined.wait()

    async def close(self) -> None:
        """End the task."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            try:
                if self._bus_at is None:
                    await self._join()
                await self._read()
            except (redis.RedisError, OSError, TimeoutError) as error:
                if not self._is_away:
                    log.warning("subscribing.failed", exc_info=error)
                self._is_away, self._bus_at = True, None
                await asyncio.sleep(PAUSE)
            except Exception:
                log.exception("subscribing.broken")
                await asyncio.sleep(PAUSE)

    async def _join(self) -> None:
        """Listen to the bus from its newest message on; whoever heard it before has missed something."""
        newest = cast(Entries, await self._reading.xrevrange(streams.BUS, count=1))
        self._bus_at = newest[0][0] if newest else b"0-0"
        self._has_joined.set()
        if self._is_away:
            self._is_away = False
            self._listener.missed()

    async def _read(self) -> None:
        assert self._bus_at
        mirrors = {streams.name_of(run).encode(): mirror for run, mirror in self._mirrors.by_run.items()}
        places: dict[bytes | str | memoryview, int | bytes | str | memoryview] = {
            name: mirror.last_id for name, mirror in mirrors.items()
        }
        places |= {self._door: self._door_at, streams.BUS: self._bus_at}
        async with asyncio.timeout(WAIT_MS / 1000 + streams.PATIENCE):
            answer = cast(Answer, await self._reading.xread(places, block=WAIT_MS, count=AT_MOST) or [])
        for name, found in answer:
            if mirror := mirrors.get(name):
                self._guarded(mirror.take, mirror.run, found)
            elif name == streams.BUS.encode():
                self._bus_at = found[-1][0]
                self._obey(found)
            else:
                self._door_at = found[-1][0]

    def _guarded(self, take: Callable[[bytes, dict[bytes, bytes]], None], run: UUID, found: Entries) -> None:
        try:
            for entry_id, fields in found:
                take(entry_id, fields)
        except UnreadableError:  # the database is asked instead; the other runs go on
            log.exception("subscribing.unreadable", run=str(run))

    def _obey(self, messages: Entries) -> None:
        for _id, fields in messages:
            if fields.get(streams.SENDER) == self._me:
                continue
            if run := fields.get(streams.STOP):
                self._listener.stop(UUID(bytes=run))
            elif notice := fields.get(streams.NOTICE):
                self._listener.tell(notice)
