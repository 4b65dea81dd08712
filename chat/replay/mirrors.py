"""Runs that another process writes, as this one sees them, one log for all followers here.

It is filled from Redis, and from the database where Redis is silent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog
from django.db import Error as DatabaseError

from caicaini import pool
from caicaini.crypto import UnreadableError
from chat.content import ContentKey
from chat.history import open_line
from chat.html_view import HtmlView
from chat.models import Run
from chat.replay import entries, streams
from chat.runlog import RunLog, Snapshot

log = structlog.get_logger(__name__)
LOOK_EVERY = 1.0  # seconds between looks at the database
QUIET = 2.5  # seconds without news from Redis after which the database is asked: snapshots come every two

BEGINNING = b"0-0"


class Mirror:
    """One such run. `last_id` is the last entry of the Stream that was read."""

    def __init__(self, run: UUID, key: ContentKey) -> None:
        self.run = run
        self.key = key
        self.log = RunLog()
        self.html = HtmlView(self.log)
        self.followers = 0
        self.last_id = BEGINNING
        self.heard_at = float("-inf")
        self._has_gap = False

    def take(self, entry_id: bytes, fields: dict[bytes, bytes]) -> None:
        """Read one entry of the Stream; one that would leave a gap waits for the database's snapshot."""
        self.last_id = entry_id
        if streams.END in fields:
            self.heard_at = float("-inf")  # whether anything is missing, the database knows
            if streams.seq_of(entry_id) <= self.log.seq:
                self.log.close()
            return
        if entries.take(self.log, self.key, self.run, streams.seq_of(entry_id), fields[streams.ENTRY]):
            self.heard_at = time.monotonic()
        else:
            self._has_gap = True

    def learn(self, stored: Stored) -> None:
        """Take what the database has beyond this log."""
        if stored.snapshot.seq > self.log.seq:
            self.log.restore(stored.snapshot)
        if self._has_gap:  # what could not be taken is read again, from where the snapshot ends
            self.last_id, self._has_gap = b"%d-0" % self.log.seq, False
        if stored.is_over:
            self.log.close()


@dataclass(frozen=True, slots=True, repr=False)
class Stored:
    """A run as the database has it."""

    snapshot: Snapshot
    is_over: bool


GONE = Stored(Snapshot(0, "", ""), is_over=True)


def look(wanted: list[tuple[UUID, ContentKey]]) -> list[Stored]:
    """Read runs from the database; one whose rows or key are gone is over."""
    uuids = [run for run, _key in wanted]
    found = {row.uuid: row for row in Run.objects.filter(uuid__in=uuids).select_related("reply")}
    return [_stored(found.get(run), key) for run, key in wanted]


def _stored(row: Run | None, key: ContentKey) -> Stored:
    if row is None:
        return GONE
    try:
        line = open_line(row.reply, row, key)
    except UnreadableError:
        return GONE
    return Stored(Snapshot(row.log_position, line.text, line.reasoning), row.state == Run.State.ENDED)


class Mirrors:
    """All mirrors of a process and event loop, and the task that looks at the database for the silent ones."""

    def __init__(self) -> None:
        self.by_run: dict[UUID, Mirror] = {}
        self._task: asyncio.Task[None] | None = None

    def attach(self, run: UUID, key: ContentKey) -> Mirror:
        """Give the mirror of a run, new or shared; say `detach` once for each."""
        mirror = self.by_run.setdefault(run, Mirror(run, key))
        mirror.followers += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look_again_and_again())
        return mirror

    def detach(self, mirror: Mirror) -> None:
        """Leave a mirror; the last one takes it away."""
        mirror.followers -= 1
        if mirror.followers == 0:
            self.by_run.pop(mirror.run, None)

    async def close(self) -> None:
        """End the task."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _look_again_and_again(self) -> None:
        while self.by_run:
            try:
                await self._look()
            except DatabaseError as error:
                log.warning("mirrors.not_looked", exc_info=error)
            except Exception:
                log.exception("mirrors.broken")
            await asyncio.sleep(LOOK_EVERY)

    async def _look(self) -> None:
        silent_since = time.monotonic() - QUIET
        silent = [mirror for mirror in self.by_run.values() if mirror.heard_at < silent_since]
        found = await pool.run(look, [(mirror.run, mirror.key) for mirror in silent]) if silent else []
        for mirror, stored in zip(silent, found, strict=True):
            mirror.learn(stored)


_mirrors: WeakKeyDictionary[asyncio.AbstractEventLoop, Mirrors] = WeakKeyDictionary()


def here() -> Mirrors:
    """Give the mirrors of this process and loop."""
    return _mirrors.setdefault(asyncio.get_running_loop(), Mirrors())


@asynccontextmanager
async def of(run: UUID, key: ContentKey) -> AsyncGenerator[Mirror, None]:
    """Follow a run that another process writes."""
    mirrors = here()
    mirror = mirrors.attach(run, key)
    try:
        yield mirror
    finally:
        mirrors.detach(mirror)
