"""Runs whose process died: their saved text is kept, they are settled by the failure policy, and marked interrupted."""

from __future__ import annotations

from datetime import datetime, timedelta

from caicaini import vault
from chat.content import ContentKey
from chat.endings import Outcome, end_run
from chat.failure_policy import Cause, Ruling, decide
from chat.history import open_line
from chat.models import Run
from chat.providers.base import Usage

DEAD_AFTER = timedelta(seconds=30)  # a living run shows itself every two seconds
BATCH = 200


def end_all(now: datetime) -> int:
    """End every orphan; gives how many. One that a second worker ends first is left alone by the guarded update."""
    dead = Run.objects.filter(state=Run.State.RUNNING, heartbeat_at__lt=now - DEAD_AFTER)
    return sum(_end(run, now) for run in dead.select_related("reply", "conversation")[:BATCH])


def _end(run: Run, now: datetime) -> bool:
    secret = vault.read_existing([run.conversation.uuid]).get(run.conversation.uuid)
    if secret is None:  # being purged: the text is gone, the money is not
        key, text, reasoning = ContentKey(run.conversation.uuid, b"\0" * 32), "", ""
    else:
        key = ContentKey(run.conversation.uuid, secret)
        line = open_line(run.reply, run, key)
        text, reasoning = line.text, line.reasoning
    ended = end_run(run.uuid, key, _outcome(run, text, reasoning, now), now)
    return bool(ended and ended.end == Run.End.INTERRUPTED)


def _outcome(run: Run, text: str, reasoning: str, now: datetime) -> Outcome:
    ruling: Ruling = decide(Cause.INTERRUPTION, None, Usage(), text)
    total_ms = round((run.heartbeat_at - run.started_at).total_seconds() * 1000)
    return Outcome(ruling, text, reasoning, "", None, max(total_ms, 0), run.log_position)
