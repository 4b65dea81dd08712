"""The channel layer for days on which Redis goes away: sockets and what streams over them stay, and hear again.

Channels' own lets a socket break that waits for a notice when Redis does, and none can be opened. A Redis that came
back empty knows no groups: sockets that happened not to wait just then stayed, and never heard a notice again.
"""

from __future__ import annotations

import asyncio
import contextvars
from typing import Any

import structlog
from channels_redis.core import RedisChannelLayer
from redis import RedisError
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

log = structlog.get_logger(__name__)
LOOK_EVERY = 2.0  # seconds
MARK_FOR = 60  # seconds that Redis remembers this process after its last look
AWAY = (RedisError, OSError)
MISSED = {"type": "notices.missed"}


class NoticeLayer(RedisChannelLayer):
    """Waits for Redis, joins all groups again when it is back, and tells each channel that it may have missed some.

    A notice that cannot be sent is lost: whoever needs what it says looks again at `notices.missed`.
    """

    def __init__(self, hosts: list[dict[str, Any]], **options: Any) -> None:
        # Each command twice: a connection that broke while nobody used it tells so at its next use.
        super().__init__(hosts=[{**host, "retry": Retry(NoBackoff(), 1)} for host in hosts], **options)
        self._groups: dict[str, set[str]] = {}  # of each channel of this process
        self._mark = f"{self.prefix}:here:{self.client_prefix}"
        self._is_here = asyncio.Event()
        self._is_here.set()
        self._keeper: asyncio.Task[None] | None = None

    async def receive(self, channel: str) -> dict[str, Any]:
        """Give the next notice of a channel, however long Redis is away meanwhile."""
        while True:
            try:
                notice: dict[str, Any] = await super().receive(channel)
            except AWAY as error:
                self._lose(error)
                await self._is_here.wait()
            else:
                return notice

    async def group_add(self, group: str, channel: str) -> None:
        """Join a group; while Redis is away, as soon as it is back."""
        self._groups.setdefault(channel, set()).add(group)
        self._keep()
        try:
            await super().group_add(group, channel)
        except AWAY as error:
            self._lose(error)

    async def group_discard(self, group: str, channel: str) -> None:
        """Leave a group; while Redis is away, by being forgotten."""
        groups = self._groups.get(channel, set())
        groups.discard(group)
        if not groups:
            self._groups.pop(channel, None)
        try:
            await super().group_discard(group, channel)
        except AWAY as error:
            self._lose(error)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Send a notice, or lose it: what it tells of has happened, and must not fail for it."""
        try:
            await super().group_send(group, message)
        except AWAY as error:
            log.warning("notices.not_sent", exc_info=error)

    def _lose(self, error: Exception) -> None:
        if self._is_here.is_set():
            log.warning("notices.away", exc_info=error)
        self._is_here.clear()
        self._keep()

    def _keep(self) -> None:
        if self._keeper is None or self._keeper.done():
            # An empty context: it outlives the socket that happened to be first.
            work = self._look_again_and_again()
            self._keeper = asyncio.get_running_loop().create_task(work, context=contextvars.Context())

    async def _look_again_and_again(self) -> None:
        is_first = True
        while self._groups or not self._is_here.is_set():
            try:
                knew = await self.connection(0).set(self._mark, b"1", ex=MARK_FOR, get=True)
                if not self._is_here.is_set() or not (knew or is_first):
                    await self._join_all()
                is_first = False
            except AWAY as error:
                self._lose(error)
            await asyncio.sleep(LOOK_EVERY)

    async def _join_all(self) -> None:
        for channel, groups in list(self._groups.items()):
            for group in list(groups):
                await super().group_add(group, channel)
            if channel in self._groups:
                self.receive_buffer[channel].put_nowait(MISSED)  # as if it had come from Redis
        self._is_here.set()
        log.info("notices.joined_again", count=len(self._groups))
