"""Reads from Redis what other processes write: one blocking read for all mirrored runs and for commands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast
from uuid import UUID, uuid4

import redis
import redis.asyncio
import structlog

from caicaini.crypto import UnreadableError
from chat import streams
from chat.mirrors import Mirrors
from chat.streams import Entries

log = structlog.get_logger(__name__)
WAIT_MS = 5_000
AT_MOST = 200  # entries of a stream at once
PAUSE = 0.5  # seconds after a failure
DOOR_FOR = 86_400  # seconds

Redis = redis.asyncio.Redis
Answer = list[tuple[bytes, Entries]]


class Subscriber:
    """The one reader of a process and event loop. `on_stop` is called with the run that a command names."""

    def __init__(self, client: Redis, reading: Redis, mirrors: Mirrors, on_stop: Callable[[UUID], object]) -> None:
        self._redis = client
        self._reading = reading
        self._mirrors = mirrors
        self._on_stop = on_stop
        self._door = f"door:{uuid4()}"  # whoever comes rings: the read that waits does not know of a new run
        self._door_at = b"0-0"
        self._commands_at: bytes | None = None
        self._is_away = False
        self._task = asyncio.create_task(self._work())

    async def ring(self) -> None:
        """Make the waiting read look again at what it should read."""
        try:
            await self._redis.xadd(self._door, {b"r": b"1"}, maxlen=1)
            await self._redis.expire(self._door, DOOR_FOR)
        except (redis.RedisError, OSError) as error:
            log.warning("subscribing.door_is_shut", exc_info=error)

    async def command_stop(self, run: UUID) -> None:
        """Tell every process to stop a run; the one that has it does."""
        try:
            await self._redis.xadd(streams.COMMANDS, {b"stop": run.bytes}, maxlen=streams.MOST_COMMANDS)
            await self._redis.expire(streams.COMMANDS, streams.RUNNING_FOR)
        except (redis.RedisError, OSError) as error:
            log.warning("subscribing.stop_not_sent", run=str(run), exc_info=error)

    async def close(self) -> None:
        """End the task."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            try:
                await self._read()
                self._is_away = False
            except (redis.RedisError, OSError) as error:
                if not self._is_away:
                    log.warning("subscribing.failed", exc_info=error)
                self._is_away = True
                await asyncio.sleep(PAUSE)
            except Exception:
                log.exception("subscribing.broken")
                await asyncio.sleep(PAUSE)

    async def _read(self) -> None:
        if self._commands_at is None:
            newest = cast(Entries, await self._reading.xrevrange(streams.COMMANDS, count=1))
            self._commands_at = newest[0][0] if newest else b"0-0"
        mirrors = {streams.name_of(run).encode(): mirror for run, mirror in self._mirrors.by_run.items()}
        places: dict[bytes | str | memoryview, int | bytes | str | memoryview] = {
            name: mirror.last_id for name, mirror in mirrors.items()
        }
        places |= {self._door: self._door_at, streams.COMMANDS: self._commands_at}
        answer = cast(Answer, await self._reading.xread(places, block=WAIT_MS, count=AT_MOST) or [])
        for name, found in answer:
            if mirror := mirrors.get(name):
                self._guarded(mirror.take, mirror.run, found)
            elif name == streams.COMMANDS.encode():
                self._commands_at = found[-1][0]
                self._obey(found)
            else:
                self._door_at = found[-1][0]

    def _guarded(self, take: Callable[[bytes, dict[bytes, bytes]], None], run: UUID, found: Entries) -> None:
        try:
            for entry_id, fields in found:
                take(entry_id, fields)
        except UnreadableError:  # the database is asked instead; the other runs go on
            log.exception("subscribing.unreadable", run=str(run))

    def _obey(self, commands: Entries) -> None:
        for _id, fields in commands:
            if len(fields.get(b"stop", b"")) == 16:
                self._on_stop(UUID(bytes=fields[b"stop"]))
