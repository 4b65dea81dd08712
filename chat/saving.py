"""Snapshots of the replies that this process writes: all that are due in one transaction, every half a second some.

Each run is saved every two seconds: its text with the log's position, and a sign of life. A transaction for each run
would cost as much processor time as relaying the tokens.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog
from django.db import connection, transaction
from django.utils import timezone

from billing import rows
from caicaini import pool
from chat.content import BODY, REASONING, ContentKey
from chat.conversations import UNDO_FOR
from chat.models import Message, Run
from chat.runlog import RunLog, Snapshot

log = structlog.get_logger(__name__)
SAVE_EVERY = 2.0  # seconds between snapshots of a running reply
TURNS = 4  # in which all runs have been saved once
MANY = 8  # runs that began together are spread over the turns, once there are so many

SHOW_LIFE = "UPDATE chat_run SET heartbeat_at = %s, log_position = %s WHERE id = %s AND state = %s"
SAVE_TEXT = "UPDATE chat_message SET body = %s, reasoning = %s WHERE id = %s"


@dataclass(frozen=True, slots=True, repr=False)
class Progress:
    """How far a run is; `whole` is None when nothing was added since the last snapshot."""

    run: UUID
    key: ContentKey
    seq: int
    whole: Snapshot | None


def save_all(made: list[Progress], now: datetime) -> set[UUID]:
    """Store the replies so far and a sign of life of each; gives the runs that should end.

    That is: somebody else ended it, because it looked dead from there, or wants it stopped, or its conversation was
    deleted.
    """
    by_run = {each.run: each for each in made}
    columns = ("pk", "uuid", "stop_asked_at", "reply_id", "reply__uuid", "conversation__hidden_at")
    with transaction.atomic():
        # In the order of the keys: whoever else locks several runs does the same.
        running = Run.objects.filter(uuid__in=by_run, state=Run.State.RUNNING).order_by("pk").values_list(*columns)
        ending = set(by_run)
        for pk, uuid, stop_asked_at, reply_id, reply, hidden_at in list(running):
            progress = by_run[uuid]
            if not _show_life(pk, progress.seq, now):
                continue
            if progress.whole and (hidden_at is None or hidden_at > now - UNDO_FOR):
                save_text(reply_id, reply, progress.key, progress.whole)
            if stop_asked_at is None and hidden_at is None:
                ending.discard(uuid)
    return ending


def _show_life(pk: int, seq: int, now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(SHOW_LIFE, (rows.value(Run, "heartbeat_at", now), seq, pk, Run.State.RUNNING))
        return bool(cursor.rowcount == 1)


def save_text(pk: int, reply: UUID, key: ContentKey, whole: Snapshot) -> None:
    """Seal and store a reply's two texts."""
    body = key.seal(reply, BODY, whole.text)
    reasoning = key.seal(reply, REASONING, whole.reasoning) if whole.reasoning else None
    values = (rows.value(Message, "body", body), rows.value(Message, "reasoning", reasoning), pk)
    with connection.cursor() as cursor:
        cursor.execute(SAVE_TEXT, values)


@dataclass(slots=True)
class Saved:
    """A run that is saved, and when it last was."""

    run: UUID
    key: ContentKey
    log: RunLog
    on_end: Callable[[], object]
    saved_seq: int = 0
    saved_at: float = field(default_factory=time.monotonic)

    def progress(self) -> Progress:
        is_new = self.log.seq > self.saved_seq
        return Progress(self.run, self.key, self.log.seq, self.log.snapshot() if is_new else None)


def due_of(runs: list[Saved], now: float) -> list[Saved]:
    """Give the runs whose time has come; many that began together are saved early, until the turns are alike."""
    oldest = sorted(runs, key=lambda saved: saved.saved_at)
    late, early = now - SAVE_EVERY * (1 - 0.5 / TURNS), now - SAVE_EVERY / 2
    share = -(-len(oldest) // TURNS) if len(oldest) >= MANY else 0
    return [saved for place, saved in enumerate(oldest) if saved.saved_at <= (early if place < share else late)]


class Saver:
    """The one task of a process and event loop that saves."""

    def __init__(self) -> None:
        self._runs: dict[UUID, Saved] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, run: UUID, key: ContentKey, log: RunLog, on_end: Callable[[], object]) -> None:
        """Save a run from now on; `on_end` is called when it should end."""
        self._runs[run] = Saved(run, key, log, on_end)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())

    def remove(self, run: UUID) -> None:
        """Leave a run to who stores its end."""
        self._runs.pop(run, None)

    async def _work(self) -> None:
        while self._runs:
            await asyncio.sleep(SAVE_EVERY / TURNS)
            if due := due_of(list(self._runs.values()), time.monotonic()):
                await self._save(due)

    async def _save(self, due: list[Saved]) -> None:
        made = [saved.progress() for saved in due]
        try:
            ending = await pool.run(save_all, made, timezone.now())
        except Exception:  # the next turn may succeed, and the ends are saved with more patience
            log.exception("saving.failed", count=len(made))
            return
        for saved, progress in zip(due, made, strict=True):
            saved.saved_seq, saved.saved_at = progress.seq, time.monotonic()
            if saved.run in ending and saved.run in self._runs:
                saved.on_end()


_savers: WeakKeyDictionary[asyncio.AbstractEventLoop, Saver] = WeakKeyDictionary()


def here() -> Saver:
    """Give the saver of this process and loop."""
    return _savers.setdefault(asyncio.get_running_loop(), Saver())


def save_one(run: UUID, key: ContentKey, whole: Snapshot, now: datetime) -> bool:
    """Store one reply so far; gives whether it should go on."""
    return run not in save_all([Progress(run, key, whole.seq, whole)], now)
