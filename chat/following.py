"""What a follower of a run gets, as frames: from memory while it is there, else from what the database keeps."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.models import User
from caicaini import metrics, pool
from chat import presenting, rendering, runs
from chat.content import ContentKey
from chat.conversations import is_visible_to, key_of
from chat.errors import run_not_found
from chat.history import Line, open_line
from chat.html_view import HtmlChange
from chat.models import Run
from chat.replay import mirrors
from chat.replay.mirrors import Mirror
from chat.runlog import LARGEST_ITEM, Piece, Place, RunLog, Snapshot
from chat.runs import LiveRun
from chat.turns import Sent

LARGEST_HTML = 262_144  # characters

Fields = dict[str, Any]
Push = Callable[[str, Fields], Awaitable[None]]


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """A run that this person may follow."""

    run: Run
    line: Line
    key: ContentKey


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
    return Found(row, open_line(row.reply, row, key), key)


def begun(user: User, sent: Sent) -> Found:
    """Give a run that was stored a moment ago; raises NotFound should its conversation be deleted by now."""
    if not is_visible_to(user, sent.conversation.uuid):
        raise run_not_found()
    assert sent.order
    return Found(sent.run, Line(sent.reply, "", "", sent.run), sent.order.key)


async def follow(user: User, found: Found, after: int, is_html: bool, push: Push) -> None:
    """Push everything after a number, then what comes, then `ended`. Raises NotFound once it was deleted."""
    reached = -1 if is_html else after
    is_in_memory = _live(found) is not None
    while is_in_memory or found.run.state == Run.State.RUNNING:
        is_in_memory = False
        async with _source(found) as source:
            if is_html:
                await _push_html(source, found, push)
            else:
                await _push_text(source.log, found, after, push)
            # A reader may be ahead of what a crash left of the log: it keeps what it was shown.
            after = reached = max(after, source.log.seq)
            ended = _ended_here(source, found)
        found = ended if ended is not None else await pool.run(find, user, found.run.uuid)
    if reached < found.run.log_position:
        await _push_saved(found, is_html, push)
    await push("ended", await pool.run(ended_fields, found, True) if is_html else ended_fields(found, False))


def _ended_here(source: LiveRun | Mirror, found: Found) -> Found | None:
    """Give the ended run without asking the database, which this process has just told of it."""
    record = source.record if isinstance(source, LiveRun) else None
    if record is None:
        return None
    if record.conversation.hidden_at:
        raise run_not_found()
    whole = source.log.snapshot()
    return Found(record, Line(record.reply, whole.text, whole.reasoning, record), found.key)


def _live(found: Found) -> LiveRun | None:
    live = runs.find(found.run.uuid)
    return None if live is None or live.is_lost else live


@asynccontextmanager
async def _source(found: Found) -> AsyncGenerator[LiveRun | Mirror, None]:
    """Give the run as this process writes it, or as it sees what another one writes."""
    if live := _live(found):
        yield live
        return
    async with mirrors.of(found.run.uuid, found.key) as mirror:
        if hub := runs.connect():
            await hub.subscriber.ring()
        yield mirror


async def _push_text(log: RunLog, found: Found, after: int, push: Push) -> None:
    """Push the log's pieces. No generator stands between the log and the socket: each would cost with every token."""
    run, place = str(found.run.uuid), 0
    while True:
        while item := log.next_after(after):
            after = item.seq
            if isinstance(item, Piece):
                await push(item.channel.value, {"run": run, "seq": after, "text": item.text})
                note_latency(log, after)
            else:
                await _push_all(snapshot_frames(run, item), push)
        if log.place != place:
            place = log.place
            await push("queued", {"run": run, "place": place})
            continue  # a push takes its time: look again before waiting
        if log.is_closed:
            return
        await log.news()


async def _push_all(frames: Iterable[tuple[str, Fields]], push: Push) -> None:
    for kind, fields in frames:
        await push(kind, fields)


def note_latency(log: RunLog, seq: int) -> None:
    """Note how long the newest piece took through this process, now that it was handed over; one of eight will do."""
    if seq == log.seq and not seq & 7:
        metrics.added_latency(time.monotonic() - log.appended_at)


def snapshot_frames(run: str, whole: Snapshot) -> Iterator[tuple[str, Fields]]:
    """Give everything so far in frames of a bounded size; only the last one has the number, the others have 0.

    A client whose socket breaks in between asks from 0 again, and gets a new snapshot.
    """
    rest = [("reasoning", part) for part in parts_of(whole.reasoning)] + [
        ("text", part) for part in parts_of(whole.text)
    ]
    first = {"reasoning": "", "text": ""}
    if rest:
        kind, words = rest.pop(0)
        first[kind] = words
    yield "snapshot", {"run": run, "seq": 0 if rest else whole.seq, **first}
    while rest:
        kind, words = rest.pop(0)
        yield kind, {"run": run, "seq": 0 if rest else whole.seq, "text": words}


def parts_of(words: str) -> Iterator[str]:
    """Cut a text into what one frame may carry."""
    return (words[start : start + LARGEST_ITEM] for start in range(0, len(words), LARGEST_ITEM))


def html_frames(run: str, change: HtmlChange) -> Iterator[tuple[str, Fields]]:
    """Give changed blocks in frames of bounded size, a single block always whole; only the last one has the number."""
    first, blocks, size = change.first, list[str](), 0
    for place, block in enumerate(change.blocks, change.first):
        if blocks and size + len(block) > LARGEST_HTML:
            yield "html", {"run": run, "seq": 0, "first": first, "blocks": blocks}
            first, blocks, size = place, [], 0
        blocks.append(block)
        size += len(block)
    yield "html", {"run": run, "seq": change.seq, "first": first, "blocks": blocks}


async def _push_html(source: LiveRun | Mirror, found: Found, push: Push) -> None:
    run = str(found.run.uuid)
    async with aclosing(source.html.follow()) as items:
        async for item in items:
            if isinstance(item, Piece):
                await push("reasoning", {"run": run, "seq": item.seq, "text": item.text})
            elif isinstance(item, Place):
                await push("queued", {"run": run, "place": item.place})
            else:
                await _push_all(html_frames(run, item), push)
                note_latency(source.log, item.seq)


async def _push_saved(found: Found, is_html: bool, push: Push) -> None:
    """Push the whole stored reply."""
    run, seq = str(found.run.uuid), found.run.log_position
    if not is_html:
        await _push_all(snapshot_frames(run, Snapshot(seq, found.line.text, found.line.reasoning)), push)
        return
    for part in parts_of(found.line.reasoning):
        await push("reasoning", {"run": run, "seq": seq, "text": part})
    blocks = await pool.run(rendering.render, found.line.text)
    await _push_all(html_frames(run, HtmlChange(seq, 0, blocks)), push)


def ended_fields(found: Found, is_html: bool) -> Fields:
    """Describe how a run ended and what it cost."""
    run = found.run
    failure = presenting.problem(run.error_code) if run.error_code else None
    fields: Fields = {
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
