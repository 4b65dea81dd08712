"""Copies the logs of this process's runs to Redis: one task for all of them, one pipeline every 60 ms.

The log in memory stays the one that counts. When Redis is away nothing waits for it; when it comes back empty, each run
writes everything so far in one entry and goes on.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from uuid import UUID

import redis
import redis.asyncio
import structlog

from chat.content import ContentKey
from chat.replay import entries, streams
from chat.runlog import RunLog

log = structlog.get_logger(__name__)
EVERY = 0.06  # seconds: with the way there, below the 100 ms of which a crash may cost the last
END_WITHIN = 1.0  # seconds that a run waits for its last entries to be out
PAUSE = 0.5  # seconds after a failure
RENEW_EVERY = 600.0  # seconds between prolongations of a stream's life

Redis = redis.asyncio.Redis


@dataclass(slots=True)
class Published:
    """How much of one run's log is in Redis."""

    run: UUID
    key: ContentKey
    log: RunLog
    sent: int = 0
    is_there: bool = False
    is_over: bool = False  # nothing is added any more
    is_done: bool = False
    renewed_at: float = float("-inf")

    def is_due(self) -> bool:
        return self.log.seq > self.sent or self.is_over


class Publisher:
    """The one writer of a process and event loop."""

    def __init__(self, client: Redis) -> None:
        self._redis = client
        self._runs: dict[UUID, Published] = {}
        self._news = asyncio.Event()
        self._posts: list[dict[bytes, bytes]] = []
        self._flushed = asyncio.Condition()
        self._is_away = False
        self._task = asyncio.create_task(self._work())

    def add(self, run: UUID, key: ContentKey, log: RunLog) -> None:
        """Begin to copy a run."""
        self._runs[run] = Published(run, key, log)
        self._news.set()

    async def finish(self, run: UUID) -> None:
        """Write a run's last entries and its end; gives up soon: who follows elsewhere looks in the database too."""
        published = self._runs.get(run)
        if published is None:
            return
        published.is_over = True
        try:
            async with asyncio.timeout(END_WITHIN), self._flushed:
                await self._flushed.wait_for(lambda: published.is_done)
        except TimeoutError:
            log.warning("publishing.end_not_written", run=str(run))
        finally:
            self._runs.pop(run, None)

    def post(self, message: dict[bytes, bytes]) -> None:
        """Tell the other processes something with the next pipeline; while Redis is away it is lost."""
        self._posts.append(message)
        self._news.set()

    async def close(self) -> None:
        """End the task."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            if not self._runs and not self._posts:
                self._news.clear()
                await self._news.wait()
            await asyncio.sleep(EVERY)
            due = [published for published in self._runs.values() if published.is_due()]
            if due or self._posts:
                await self._flush(due)

    async def _flush(self, due: list[Published]) -> None:
        try:
            await self._write(due)
            self._is_away = False
        except (redis.RedisError, OSError, TimeoutError) as error:
            if not self._is_away:
                log.warning("publishing.failed", exc_info=error)
            self._is_away = True
            await asyncio.sleep(PAUSE)
        except Exception:
            log.exception("publishing.broken")
            await asyncio.sleep(PAUSE)

    async def _write(self, due: list[Published]) -> None:
        pipe = self._redis.pipeline(transaction=False)
        posts, self._posts = self._posts, []
        written = [(published, self._put(pipe, published)) for published in due]
        for published in due:
            self._prolong(pipe, published)
        if posts:
            streams.queue_posts(pipe, posts)
        async with asyncio.timeout(streams.PATIENCE):
            answers = await pipe.execute(raise_on_error=False)
        for (published, seq), answer in zip(written, answers, strict=False):
            self._note(published, seq, answer)
        async with self._flushed:
            self._flushed.notify_all()

    def _put(self, pipe: redis.asyncio.client.Pipeline, published: Published) -> int:
        """Queue one command; gives the number that the stream reaches by it."""
        name = streams.name_of(published.run)
        if published.log.seq <= published.sent:  # only the end is missing
            pipe.xadd(name, {streams.END: b"1"}, id=f"{published.sent}-1", nomkstream=published.is_there)
            return published.sent
        content = published.log.entries_after(published.sent)
        seq, sealed = entries.seal(published.key, published.run, content)
        pipe.xadd(name, {streams.ENTRY: sealed}, id=f"{seq}-0", nomkstream=published.is_there)
        return seq

    def _prolong(self, pipe: redis.asyncio.client.Pipeline, published: Published) -> None:
        now = time.monotonic()
        if published.is_over:
            pipe.expire(streams.name_of(published.run), streams.ENDED_FOR)
        elif now - published.renewed_at > RENEW_EVERY:
            pipe.expire(streams.name_of(published.run), streams.RUNNING_FOR)
            published.renewed_at = now

    def _note(self, published: Published, seq: int, answer: object) -> None:
        if answer is None:  # the stream is gone: Redis was restarted, or threw it out
            published.sent, published.is_there, published.renewed_at = 0, False, float("-inf")
            published.is_done = published.is_over and published.log.seq == 0
            return
        if isinstance(answer, Exception) and "equal or smaller" not in str(answer):
            raise answer
        # "Equal or smaller" is the answer to a repetition: the first one arrived, only its answer did not.
        published.is_done = published.is_over and seq == published.sent
        published.sent, published.is_there = seq, True
