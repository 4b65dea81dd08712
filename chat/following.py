"""What a follower of a run gets, as frames: from memory while it is there, else from what the database keeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.models import User
from caicaini import pool
from chat import presenting, rendering, runs
from chat.content import ContentKey
from chat.conversations import key_of
from chat.errors import run_not_found
from chat.history import Line, open_line
from chat.models import Run
from chat.runlog import Piece, RunLog, Snapshot
from chat.runs import LiveRun

POLL = 1.0  # seconds between looks at a run that another process writes

Frames = AsyncGenerator[tuple[str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """A run that this person may follow."""

    run: Run
    line: Line


def find(user: User, run: UUID) -> Found:
    """Give the run and its reply as stored; raises NotFound for a foreign, unknown or deleted one."""
    row = (
        Run.objects.filter(uuid=run, user=user, conversation__owner=user, conversation__hidden_at=None)
        .select_related("reply", "conversation", "price")
        .first()
    )
    if row is None:
        raise run_not_found()
    key: ContentKey = key_of(row.conversation)
    return Found(row, open_line(row.reply, row, key))


async def frames(user: User, found: Found, after: int, is_html: bool) -> Frames:
    """Give everything after a number, then what comes, then `ended`."""
    live = runs.find(found.run.uuid)
    if live:
        async with aclosing(_from_memory(live, after, is_html)) as parts:
            async for part in parts:
                yield part
        found = await pool.run(find, user, found.run.uuid)
    if not live or found.run.state == Run.State.RUNNING:  # written elsewhere, or its end could not be stored yet
        async with aclosing(_from_database(user, found, is_html)) as parts:
            async for part in parts:
                yield part
        found = await pool.run(find, user, found.run.uuid)
    yield "ended", await pool.run(ended_fields, found, is_html)


async def _from_memory(live: LiveRun, after: int, is_html: bool) -> Frames:
    run = str(live.uuid)
    source = _html_frames(live, run) if is_html else _text_frames(live.log, run, after)
    async with aclosing(source) as parts:
        async for part in parts:
            yield part


async def _text_frames(log: RunLog, run: str, after: int) -> Frames:
    async with aclosing(log.follow(after)) as items:
        async for item in items:
            if isinstance(item, Snapshot):
                yield "snapshot", {"run": run, "seq": item.seq, "text": item.text, "reasoning": item.reasoning}
            else:
                yield item.channel.value, {"run": run, "seq": item.seq, "text": item.text}


async def _html_frames(live: LiveRun, run: str) -> Frames:
    async with aclosing(live.html.follow()) as items:
        async for item in items:
            if isinstance(item, Piece):
                yield "reasoning", {"run": run, "seq": item.seq, "text": item.text}
            else:
                yield "html", {"run": run, "seq": item.seq, "first": item.first, "blocks": item.blocks}


async def _from_database(user: User, found: Found, is_html: bool) -> Frames:
    """Look again every second until the run has ended, giving the saved text whenever it grew."""
    seen, said = -1, 0
    while True:
        if found.run.log_position != seen:
            seen = found.run.log_position
            if is_html and len(found.line.reasoning) > said:
                thought, said = found.line.reasoning[said:], len(found.line.reasoning)
                yield "reasoning", {"run": str(found.run.uuid), "seq": seen, "text": thought}
            yield await pool.run(saved_text, found, is_html)
        if found.run.state == Run.State.ENDED:
            return
        await asyncio.sleep(POLL)
        found = await pool.run(find, user, found.run.uuid)


def saved_text(found: Found, is_html: bool) -> tuple[str, dict[str, Any]]:
    """Give the whole saved reply as one frame."""
    run, seq = str(found.run.uuid), found.run.log_position
    if is_html:
        return "html", {"run": run, "seq": seq, "first": 0, "blocks": rendering.render(found.line.text)}
    return "snapshot", {"run": run, "seq": seq, "text": found.line.text, "reasoning": found.line.reasoning}


def ended_fields(found: Found, is_html: bool) -> dict[str, Any]:
    """Describe how a run ended and what it cost."""
    run = found.run
    failure = presenting.problem(run.error_code) if run.error_code else None
    fields: dict[str, Any] = {
        "run": str(run.uuid),
        "seq": run.log_position,
        "end": run.end,
        "error": {"code": failure.code, "message": failure.message} if failure else None,
        "usage": {
            "model": run.model,
            "input": run.input_tokens,
            "cached": run.cached_tokens,
            "cache_write": run.cache_write_tokens,
            "output": run.output_tokens,
            "source": run.usage_source,
            "cost": run.cost,
            "first_token_ms": run.first_token_ms,
            "total_ms": run.total_ms,
            "rule": run.rule,
        },
    }
    return {**fields, "html": presenting.foot_html(found.line)} if is_html else fields
