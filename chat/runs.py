"""Replies being written: tasks owned by this process, not by any socket; found, followed and stopped by uuid."""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from uuid import UUID

import structlog
from django.db import Error as DatabaseError
from django.utils import timezone

from caicaini import metrics, pool
from chat import endings, presence, saving
from chat.endings import Outcome
from chat.failure_policy import Cause, decide
from chat.html_view import HtmlView
from chat.models import Run
from chat.providers import guarded, retrying
from chat.providers.base import Event, Failure, Finish, FinishReason, ProviderError, Reasoning, Text, Usage
from chat.replay import hub
from chat.replay.hub import Hub
from chat.runlog import LARGEST_ITEM, Channel, RunLog
from chat.turns import Order

log = structlog.get_logger(__name__)
KEEP_ENDED_FOR = 60.0  # seconds that an ended run stays in memory for late followers
SAVE_TRIES = 8
CUTS = {Cause.STOP, Cause.INTERRUPTION}
LONGEST = 4_000_000  # characters of a reply and its thinking: a server that never ends must not fill the memory

Ended = Callable[["LiveRun", Run | None], Awaitable[None]]


class LiveRun:
    """One reply while it is written and for a minute after."""

    def __init__(self, order: Order, on_end: Ended, hub: Hub | None = None) -> None:
        self.uuid = order.run
        self.user = order.user
        self.log = RunLog()
        self.html = HtmlView(self.log)
        self.record: Run | None = None
        self._order = order
        self._on_end = on_end
        self._hub = hub
        self._usage = Usage()
        self._finish: FinishReason | None = None
        self._failure: Failure | None = None
        self._error = ""
        self._started = time.monotonic()
        self._first_token: float | None = None
        self._cause = Cause.MODEL
        self._pump: asyncio.Task[None] | None = None
        self._size = 0

    @property
    def is_lost(self) -> bool:
        """Whether it ended and that could not be stored: the reaper will, and the database says when."""
        return self.log.is_closed and self.record is None

    async def execute(self) -> None:
        """Write the reply to its end, saving on the way; returns when the end is stored."""
        saving.here().add(self.uuid, self._order.key, self.log, self.stop)
        self._pump = asyncio.create_task(self._take_all())
        if self._cause in CUTS:
            self._pump.cancel()
        try:
            await asyncio.wait({self._pump})
            self._note_fault(self._pump)
        except asyncio.CancelledError:
            self._cut(Cause.INTERRUPTION)
            raise
        finally:
            self._pump.cancel()
            saving.here().remove(self.uuid)
            await asyncio.shield(self._store_end())

    def stop(self) -> None:
        """End the reply now, keeping exactly what the log holds; one that has yet to begin ends before it does."""
        self._cut(Cause.STOP)

    def interrupt(self) -> None:
        """End the reply because this process ends, keeping what the log holds."""
        self._cut(Cause.INTERRUPTION)

    def _cut(self, cause: Cause) -> None:
        if self._cause in CUTS or (self._pump and self._pump.done()):
            return  # a second cancellation would break into the closing of the connection
        self._cause = cause
        if self._pump:
            self._pump.cancel()

    async def _take_all(self) -> None:
        try:
            order = self._order
            async with guarded.opened(order.provider, order.user, order.request, self.log.wait_at) as (first, rest):
                await self._take(first, rest)
            if self._finish is None:
                raise ProviderError(Failure.BROKEN)
        except ProviderError as error:
            self._cause, self._failure, self._error = Cause.PROVIDER, error.kind, error.kind.value
            level = log.error if error.alarm else log.warning
            level("run.provider_failed", run=str(self.uuid), provider=self._order.provider, code=self._error)

    async def _take(self, first: Event, rest: AsyncGenerator[Event, None]) -> None:
        is_late = False
        try:
            async with asyncio.timeout(retrying.DEFAULT.whole_answer):
                self._take_one(first)
                async for event in rest:
                    self._take_one(event)
                    if self._size > LONGEST:
                        self._finish = FinishReason.LENGTH
                        return
        except TimeoutError:
            is_late = True
        if is_late:
            raise ProviderError(Failure.TIMEOUT)

    def _take_one(self, event: Event) -> None:
        match event:
            case Text(text):
                self._add(Channel.TEXT, text)
            case Reasoning(text):
                self._add(Channel.REASONING, text)
            case Usage():
                self._usage = merged(self._usage, event)
            case Finish(reason):
                self._finish = reason

    def _add(self, channel: Channel, text: str) -> None:
        if self._first_token is None:
            self._first_token = time.monotonic()
            metrics.first_token(self._order.provider, self._order.model, self._first_token - self._started)
        self._size += len(text)
        self.log.append(channel, text[:LARGEST_ITEM])
        for start in range(LARGEST_ITEM, len(text), LARGEST_ITEM):
            self.log.append(channel, text[start : start + LARGEST_ITEM])

    def _note_fault(self, pump: asyncio.Task[None]) -> None:
        if not pump.cancelled() and pump.exception():
            self._cause, self._error = Cause.OURS, "internal"
            log.error("run.broken", run=str(self.uuid), exc_info=pump.exception())

    async def _store_end(self) -> None:
        try:
            self.record = await self._save_end(self._outcome())
        except Exception:  # the reaper ends the run in a minute; its followers wait there, not here for ever
            log.exception("run.end_lost", run=str(self.uuid))
        self.log.close()
        metrics.pieces(self.log.seq)
        if self.record:
            metrics.run_ended(self.record.end, self.record.rule, self._order.provider)
        try:
            await self._on_end(self, self.record)
        except Exception:
            log.exception("run.end_not_told", run=str(self.uuid))
        if self._hub:
            await self._hub.publisher.finish(self.uuid)

    async def _save_end(self, outcome: Outcome) -> Run | None:
        for attempt in range(SAVE_TRIES):
            try:
                return await pool.run(endings.end_run, self.uuid, self._order.key, outcome, timezone.now())
            except DatabaseError as error:
                log.warning("run.end_not_saved", run=str(self.uuid), count=attempt + 1, exc_info=error)
                await asyncio.sleep(min(0.25 * 2**attempt, 5.0))
        return None

    def _outcome(self) -> Outcome:
        text, reasoning = self.log.whole(Channel.TEXT), self.log.whole(Channel.REASONING)
        # Thinking that was shown was received: else it could be read for nothing by stopping before the answer.
        received = text if self._cause is Cause.MODEL else reasoning + text
        return Outcome(
            ruling=decide(self._cause, self._finish, self._usage, received, self._failure),
            text=text,
            reasoning=reasoning,
            error_code=self._error,
            first_token_ms=self._since_start(self._first_token),
            total_ms=self._since_start(time.monotonic()) or 0,
            log_position=self.log.seq,
        )

    def _since_start(self, moment: float | None) -> int | None:
        return None if moment is None else round((moment - self._started) * 1000)


def merged(old: Usage, new: Usage) -> Usage:
    """Take what the newer count says and keep the rest."""
    return Usage(
        old.input if new.input is None else new.input,
        old.cached if new.cached is None else new.cached,
        old.cache_write if new.cache_write is None else new.cache_write,
        old.output if new.output is None else new.output,
    )


_live: dict[UUID, LiveRun] = {}
_tasks: set[asyncio.Task[None]] = set()


class _Here:
    """What other processes want of this one."""

    def stop(self, run: UUID) -> None:
        stop(run)

    def tell(self, notice: bytes) -> None:
        presence.hear(notice)

    def missed(self) -> None:
        presence.miss()


def connect() -> Hub | None:
    """Give this process's connection to the others, which also brings their wishes to stop; None without Redis."""
    return hub.here(_Here())


def start(order: Order, on_end: Ended) -> LiveRun:
    """Begin writing a reply; must be called on the event loop that serves."""
    link = connect()
    live = LiveRun(order, on_end, link)
    _live[order.run] = live
    if link:
        link.publisher.add(order.run, order.key, live.log)
    # An empty context: the task outlives the socket, so it must not carry the socket's context variables along.
    task = asyncio.get_running_loop().create_task(_execute(live), context=contextvars.Context())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return live


async def _execute(live: LiveRun) -> None:
    try:
        await live.execute()
    finally:
        asyncio.get_running_loop().call_later(KEEP_ENDED_FOR, _live.pop, live.uuid, None)


def find(run: UUID) -> LiveRun | None:
    """Give the run if this process writes it, or wrote it within the last minute."""
    return _live.get(run)


def stop(run: UUID) -> bool:
    """Stop a run of this process; gives whether it was here."""
    live = _live.get(run)
    if live:
        live.stop()
    return live is not None


def running() -> list[LiveRun]:
    """Give the runs of this process that have not ended."""
    return [live for live in _live.values() if not live.log.is_closed]


async def settle_all() -> None:
    """Wait until every run of this process has stored its end (tests do, before their databases go)."""
    while _tasks:
        await asyncio.gather(*_tasks, return_exceptions=True)
