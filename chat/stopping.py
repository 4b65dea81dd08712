"""Stopping a reply wherever it is written: here at once, elsewhere by a command, or at its next snapshot."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from caicaini import pool
from chat import runs
from chat.models import Run
from chat.replay import streams


async def stop(run: UUID) -> None:
    """Stop a run; one that has ended is left as it is. Whether the person may is asked before."""
    if runs.stop(run):
        return
    await pool.run(_note, run, timezone.now())
    if hub := runs.connect():
        await hub.subscriber.post(streams.STOP, run.bytes)


def _note(run: UUID, now: datetime) -> None:
    """The process that writes the run sees this within two seconds, should the command not reach it."""
    Run.objects.filter(uuid=run, state=Run.State.RUNNING, stop_asked_at=None).update(stop_asked_at=now)
