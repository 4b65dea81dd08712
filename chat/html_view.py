"""The HTML of a reply while it is written, made once for all its followers, at most fifteen times a second."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from chat.rendering import Changes, LiveDocument
from chat.runlog import Channel, Piece, RunLog, Snapshot

TICK = 1 / 15  # seconds
MOST_CHANGES = 512


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
        self._seq = 0
        self._rendered_at = 0.0
        self._version = 0
        self._changes: deque[tuple[int, int]] = deque(maxlen=MOST_CHANGES)  # (version, first changed block)
        self._is_final = False

    async def follow(self) -> AsyncGenerator[HtmlChange | Piece, None]:
        """Give all blocks at once, then changes until the log is closed; thinking comes as text pieces."""
        seen, said = 0, 0
        async with aclosing(self._log.follow(0)) as news:
            async for item in news:
                thought = self._log.whole(Channel.REASONING)
                if len(thought) > said or is_silent_thinking(item):
                    yield Piece(item.seq, Channel.REASONING, thought[said:])
                    said = len(thought)
                await self._pause()
                self._render()
                if seen != self._version:
                    change, seen = self._since(seen), self._version
                    yield change
        self._finish()
        if seen != self._version:
            yield self._since(seen)

    async def _pause(self) -> None:
        wait = self._rendered_at + TICK - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)

    def _render(self) -> None:
        if self._seq >= self._log.seq or self._is_final:
            return
        for item in self._log.since(self._seq):
            self._feed(item)
        self._seq = self._log.seq
        self._note(self._document.changes())

    def _feed(self, item: Piece | Snapshot) -> None:
        if isinstance(item, Snapshot):
            self._document = LiveDocument()
            self._document.feed(item.text)
        elif item.channel is Channel.TEXT:
            self._document.feed(item.text)

    def _finish(self) -> None:
        if self._is_final:
            return
        self._render()
        self._note(self._document.finish())
        self._is_final = True

    def _note(self, change: Changes | None) -> None:
        if change:
            self._version += 1
            self._changes.append((self._version, change.first))
        self._rendered_at = time.monotonic()

    def _since(self, seen: int) -> HtmlChange:
        blocks = self._document.snapshot()
        missed = [first for version, first in self._changes if version > seen]
        first = 0 if self._version - seen > len(missed) else min(missed)
        return HtmlChange(self._seq, first, blocks[first:])


def is_silent_thinking(item: Piece | Snapshot) -> bool:
    """Whether a provider says that it thinks without showing what."""
    return isinstance(item, Piece) and item.channel is Channel.REASONING and not item.text
