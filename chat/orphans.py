"""Runs whose process died: their saved text is kept, they are settled by the failure policy, and marked interrupted."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from caicaini import crypto
from chat.content import ContentKey
from chat.conversations import key_of
from chat.endings import Outcome, end_run
from chat.failure_policy import Cause, Ruling, decide
from chat.history import open_line
from chat.models import Run
from chat.providers.base import Usage

log = structlog.get_logger(__name__)
DEAD_AFTER = timedelta(seconds=30)  # a living run shows itself every two seconds
BATCH = 200


def end_all(now: datetime) -> int:
    """End every orphan; gives how many. One that a second worker ends first is left alone by the guarded update."""
    dead = Run.objects.filter(state=Run.State.RUNNING, heartbeat_at__lt=now - DEAD_AFTER)
    return sum(_try(run, now) for run in dead.select_related("reply", "conversation").order_by("heartbeat_at")[:BATCH])


def _try(run: Run, now: datetime) -> bool:
    try:
        return _end(run, now)
    except Exception:  # one that cannot be ended yet keeps its credit held; those behind it need not wait
        log.exception("orphans.postponed", run=str(run.uuid))
        return False


def _end(run: Run, now: datetime) -> bool:
    key, text, reasoning = _saved(run)
    ended = end_run(run.uuid, key, _outcome(run, text, reasoning, now), now)
    return bool(ended and ended.end == Run.End.INTERRUPTED)


def _saved(run: Run) -> tuple[ContentKey | None, str, str]:
    """Open what was saved of the reply. When that cannot be, the text is lost and the money is not: one that no key
    opens must not keep those behind it waiting, nor be written over.
    """
    try:
        key = key_of(run.conversation)
        line = open_line(run.reply, run, key)
    except crypto.UnreadableError:
        return None, "", ""
    return key, line.text, line.reasoning


def _outcome(run: Run, text: str, reasoning: str, now: datetime) -> Outcome:
    ruling: Ruling = decide(Cause.INTERRUPTION, None, Usage(), reasoning + text)
    total_ms = round((run.heartbeat_at - run.started_at).total_seconds() * 1000)
    return Outcome(ruling, text, reasoning, "", None, max(total_ms, 0), run.log_position)
