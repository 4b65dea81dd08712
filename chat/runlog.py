"""The ordered, numbered record of one run's output, from which any number of followers read, now or later.

This one lives in the memory of the process that runs the reply. It is bounded: old entries are folded into a
snapshot of the text so far, and a follower that asks for something older gets the snapshot, never a gap.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, islice

MOST_ENTRIES = 4_096


class Channel(StrEnum):
    """Which of the two texts of a reply an entry adds to."""

    TEXT = "text"
    REASONING = "reasoning"


@dataclass(frozen=True, slots=True)
class Piece:
    """An addition; `seq` is the number of the last entry that it covers."""

    seq: int
    channel: Channel
    text: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything up to `seq`, for a follower whose position the log no longer holds."""

    seq: int
    text: str
    reasoning: str


class RunLog:
    """Append on one side, follow on the other, all on one event loop; numbers start at 1 and have no gaps."""

    def __init__(self, most_entries: int = MOST_ENTRIES) -> None:
        self._entries: deque[Piece] = deque(maxlen=most_entries)
        self._parts: dict[Channel, list[str]] = {Channel.TEXT: [], Channel.REASONING: []}
        self._news: set[asyncio.Event] = set()
        self.seq = 0
        self.is_closed = False

    def append(self, channel: Channel, text: str) -> int:
        """Add a piece and wake the followers; gives its number."""
        self.seq += 1
        self._entries.append(Piece(self.seq, channel, text))
        self._parts[channel].append(text)
        self._wake()
        return self.seq

    def close(self) -> None:
        """Say that nothing follows; followers end once they have read everything."""
        self.is_closed = True
        self._wake()

    def whole(self, channel: Channel) -> str:
        """Give all the text of a channel so far."""
        parts = self._parts[channel]
        if len(parts) > 1:
            parts[:] = ["".join(parts)]
        return parts[0] if parts else ""

    def since(self, after: int) -> list[Piece | Snapshot]:
        """Give what came after a number, neighbours of one channel joined; a snapshot when the log is too short."""
        if after >= self.seq:
            return []
        oldest = self._entries[0].seq
        if after < oldest - 1:
            return [Snapshot(self.seq, self.whole(Channel.TEXT), self.whole(Channel.REASONING))]
        fresh = islice(self._entries, after - oldest + 1, None)
        return [_joined(list(group)) for _channel, group in groupby(fresh, key=lambda piece: piece.channel)]

    async def follow(self, after: int) -> AsyncGenerator[Piece | Snapshot, None]:
        """Give everything after a number as it comes, until the log is closed and read to its end."""
        news = asyncio.Event()
        self._news.add(news)
        try:
            while True:
                news.clear()
                for item in self.since(after):
                    after = item.seq
                    yield item
                if self.is_closed and after >= self.seq:
                    return
                if after >= self.seq:
                    await news.wait()
        finally:
            self._news.discard(news)

    def _wake(self) -> None:
        for news in self._news:
            news.set()


def _joined(pieces: list[Piece]) -> Piece:
    return Piece(pieces[-1].seq, pieces[0].channel, "".join(piece.text for piece in pieces))
