"""Runs whose process died: their saved text is kept, they are settled by the failure policy, and marked interrupted."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import QuerySet

from caicaini import crypto
from chat.content import ContentKey
from chat.conversations import key_of
from chat.endings import Outcome, end_run
from chat.failure_policy import Cause, Ruling, decide
from chat.history import open_line
from chat.models import Run
from chat.providers.base import Usage
from chat.replay import streams
from chat.runlog import RunLog, Snapshot

log = structlog.get_logger(__name__)
DEAD_AFTER = timedelta(seconds=60)  # a living run shows itself every two seconds, but for a database that was away
LATE_AFTER = timedelta(seconds=5)
STILL_FOR = 8.0  # seconds of a lookout's own clock
BATCH = 200


class Lookout:
    """Finds dead runs sooner: it has seen with its own eyes that they showed nothing while others could have.

    The times in the rows come from other machines, and stand still too while the database is away; so a run is dead
    when two looks, with nothing but good looks in between, saw the same heartbeat so many seconds apart.
    """

    def __init__(self) -> None:
        self._seen: dict[UUID, tuple[datetime, float]] = {}

    def look(self, now: datetime, clock: float) -> list[Run]:
        """End the runs that have stood still, and give them. After a database error say `forget`."""
        late = Run.objects.filter(state=Run.State.RUNNING, heartbeat_at__lt=now - LATE_AFTER)
        rows = list(late.values_list("uuid", "heartbeat_at").order_by("heartbeat_at")[:BATCH])
        self._seen = {run: (beat, self._since(run, beat, clock)) for run, beat in rows}
        still = [run for run, (_beat, since) in self._seen.items() if clock - since >= STILL_FOR]
        return _end_those(Run.objects.filter(uuid__in=still), now) if still else []

    def _since(self, run: UUID, beat: datetime, clock: float) -> float:
        known = self._seen.get(run)
        return known[1] if known and known[0] == beat else clock

    def forget(self) -> None:
        """Begin anew."""
        self._seen = {}


def end_all(now: datetime) -> list[Run]:
    """End every orphan, and give them. One that a second worker ends first is left alone by the guarded update."""
    return _end_those(Run.objects.filter(heartbeat_at__lt=now - DEAD_AFTER), now)


def _end_those(dead: QuerySet[Run], now: datetime) -> list[Run]:
    running = dead.filter(state=Run.State.RUNNING).select_related("reply", "conversation", "user")
    return [run for run in running.order_by("heartbeat_at")[:BATCH] if _try(run, now)]


def _try(run: Run, now: datetime) -> bool:
    try:
        return _end(run, now)
    except Exception:  # one that cannot be ended yet keeps its credit held; those behind it need not wait
        log.exception("orphans.postponed", run=str(run.uuid))
        return False


def _end(run: Run, now: datetime) -> bool:
    key, kept = _kept(run)
    ended = end_run(run.uuid, key, _outcome(run, kept), now)
    if not ended or ended.end != Run.End.INTERRUPTED:
        return False
    run.end, run.rule = ended.end, ended.rule
    streams.close(run.uuid, ended.log_position)
    return True


def _kept(run: Run) -> tuple[ContentKey | None, Snapshot]:
    """Open what was saved of the reply, and what the Stream has beyond it.

    When that cannot be, the text is lost and the money is not: one that no key opens must not keep those behind it
    waiting, nor be written over.
    """
    try:
        key = key_of(run.conversation)
        line = open_line(run.reply, run, key)
    except crypto.UnreadableError:
        return None, Snapshot(run.log_position, "", "")
    whole = RunLog()
    whole.restore(Snapshot(run.log_position, line.text, line.reasoning))
    streams.catch_up(whole, run.uuid, key)
    return key, whole.snapshot()


def _outcome(run: Run, kept: Snapshot) -> Outcome:
    ruling: Ruling = decide(Cause.INTERRUPTION, None, Usage(), kept.reasoning + kept.text)
    total_ms = round((run.heartbeat_at - run.started_at).total_seconds() * 1000)
    return Outcome(ruling, kept.text, kept.reasoning, "", None, max(total_ms, 0), kept.seq)
