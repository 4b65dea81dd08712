"""The HTML of a reply while it is written, made once for all its followers, at most fifteen times a second."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from chat.rendering import Changes, LiveDocument
from chat.runlog import Channel, Piece, Place, RunLog, Snapshot

TICK = 1 / 15  # seconds
MOST_CHANGES = 512
QUICK = 2_000  # characters: rendering so few takes some milliseconds; more may take seconds, so a thread does it


@dataclass(frozen=True, slots=True)
class HtmlChange:
    """Replace the reply's blocks from `first` on; everything up to entry `seq` of the log is in it."""

    seq: int
    first: int
    blocks: list[str]


class HtmlView:
    """Renders on demand: nothing is rendered while nobody follows in HTML."""

    def __init__(self, log: RunLog) -> None:
        self._log = log
        self._document = LiveDocument()
        self._turn = asyncio.Lock()  # one rendering at a time: the document is not made for two
        self._seq = 0
        self._size = 0
        self._rendered_at = 0.0
        self._version = 0
        self._blocks: list[str] = []
        self._changes: deque[tuple[int, int]] = deque(maxlen=MOST_CHANGES)  # (version, first changed block)
        self._is_final = False

    async def follow(self) -> AsyncGenerator[HtmlChange | Piece | Place, None]:
        """Give all blocks at once, then changes until the log is closed; thinking comes as text pieces."""
        seen, said = 0, 0
        async with aclosing(self._log.follow(0)) as news:
            async for item in news:
                if isinstance(item, Place):
                    yield item
                    continue
                thought = self._log.whole(Channel.REASONING)
                if len(thought) > said or is_silent_thinking(item):
                    yield Piece(item.seq, Channel.REASONING, thought[said:])
                    said = len(thought)
                await self._pause()
                await _to_its_end(self._render)
                if seen != self._version:
                    change, seen = self._since(seen), self._version
                    yield change
        await _to_its_end(self._finish)
        if seen != self._version:
            yield self._since(seen)

    async def _pause(self) -> None:
        wait = self._rendered_at + TICK - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)

    async def _render(self) -> None:
        async with self._turn:
            await self._catch_up()

    async def _catch_up(self) -> None:
        if self._seq >= self._log.seq or self._is_final:
            return
        items, seq = self._log.since(self._seq), self._log.seq
        for item in items:
            self._feed(item)
        change = await self._work(self._document.changes)
        self._seq = seq
        self._note(change)

    def _feed(self, item: Piece | Snapshot) -> None:
        if isinstance(item, Snapshot):
            self._document = LiveDocument()
        elif item.channel is not Channel.TEXT:
            return
        self._document.feed(item.text)
        self._size += len(item.text)

    async def _finish(self) -> None:
        async with self._turn:
            if self._is_final:
                return
            await self._catch_up()
            self._note(await self._work(self._document.finish))
            self._is_final = True

    async def _work(self, function: Callable[[], Changes | None]) -> Changes | None:
        return function() if self._size <= QUICK else await asyncio.to_thread(function)

    def _note(self, change: Changes | None) -> None:
        if change:
            self._version += 1
            self._changes.append((self._version, change.first))
            self._blocks = self._document.snapshot()
        self._rendered_at = time.monotonic()

    def _since(self, seen: int) -> HtmlChange:
        missed = [first for version, first in self._changes if version > seen]
        first = 0 if self._version - seen > len(missed) else min(missed)
        return HtmlChange(self._seq, first, self._blocks[first:])


async def _to_its_end(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Wait for work that is finished even if who waits is cancelled: a thread does not stop, and others follow too."""
    await asyncio.shield(asyncio.create_task(work()))


def is_silent_thinking(item: Piece | Snapshot) -> bool:
    """Whether a provider says that it thinks without showing what."""
    return isinstance(item, Piece) and item.channel is Channel.REASONING and not item.text
