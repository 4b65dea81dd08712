"""The ordered, numbered record of one run's output, from which any number of followers read, now or later.

This one lives in memory: of the process that runs the reply, or of one that mirrors it. It is bounded: old entries are
folded into a snapshot of the text so far, and a follower that asks for something older gets the snapshot, never a gap.
"""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import AsyncGenerator, Iterator
from enum import StrEnum

import msgspec

from chat.chunks import Chunks

CHUNK = 64  # pieces that are packed together
MOST_ENTRIES = 4_096
LARGEST_ITEM = 32_768  # characters: what a follower gets at once, so that one which stops reading costs little


class Channel(StrEnum):
    """Which of the two texts of a reply an entry adds to."""

    TEXT = "text"
    REASONING = "reasoning"


CHANNELS = tuple(Channel)


# Structs that the garbage collector does not look at: a run has thousands of them, and looking stops the loop.
class Piece(msgspec.Struct, frozen=True, gc=False):
    """An addition; `seq` is the number of the last entry that it covers."""

    seq: int
    channel: Channel
    text: str


class Snapshot(msgspec.Struct, frozen=True, gc=False):
    """Everything up to `seq`, for a follower whose position the log no longer holds."""

    seq: int
    text: str
    reasoning: str


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where the run waits for its provider: 1 is the next, 0 that it goes on. Not part of the record."""

    place: int


class Packed(msgspec.Struct, frozen=True, gc=False):
    """Pieces in a row, in a sixth of the memory: their texts joined, and of each the length and the channel."""

    first: int
    text: str
    lengths: array[int]
    channels: bytes


def _packed(pieces: list[Piece]) -> Packed:
    texts = [piece.text for piece in pieces]
    channels = bytes(CHANNELS.index(piece.channel) for piece in pieces)
    return Packed(pieces[0].seq, "".join(texts), array("L", map(len, texts)), channels)


def _unpacked(packed: Packed, offset: int) -> Iterator[Piece]:
    start = sum(packed.lengths[:offset])
    for place in range(offset, len(packed.lengths)):
        end = start + packed.lengths[place]
        yield Piece(packed.first + place, CHANNELS[packed.channels[place]], packed.text[start:end])
        start = end


class RunLog:
    """Append on one side, follow on the other, all on one event loop; numbers start at 1 and have no gaps."""

    def __init__(self, most_entries: int = MOST_ENTRIES) -> None:
        self._most = most_entries
        self._entries = Chunks(min(CHUNK, most_entries), _packed, _unpacked)
        self._folded = 0  # the number of the last entry that is in the snapshot only
        self._parts: dict[Channel, list[str]] = {Channel.TEXT: [], Channel.REASONING: []}
        self._waiting: set[asyncio.Future[None]] = set()
        self.seq = 0
        self.is_closed = False
        self.appended_at = 0.0  # on the monotonic clock
        self.place = 0  # in the provider's queue; 0 when it does not wait

    def append(self, channel: Channel, text: str) -> int:
        """Add a piece and wake the followers; gives its number."""
        self.seq += 1
        self._entries.append(Piece(self.seq, channel, text))
        if len(self._entries) >= 2 * self._most:
            self._folded += self._entries.drop_first()
        self._parts[channel].append(text)
        self.appended_at = time.monotonic()
        self._wake()
        return self.seq

    def restore(self, snapshot: Snapshot) -> None:
        """Take a snapshot in place of everything so far; the numbers go on from there."""
        self._entries.clear()
        self._folded = self.seq = snapshot.seq
        self._parts = {Channel.TEXT: [snapshot.text], Channel.REASONING: [snapshot.reasoning]}
        self._wake()

    def wait_at(self, place: int) -> None:
        """Tell the followers where in the provider's queue the run is."""
        self.place = place
        self._wake()

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

    def snapshot(self) -> Snapshot:
        """Give everything so far."""
        return Snapshot(self.seq, self.whole(Channel.TEXT), self.whole(Channel.REASONING))

    def entries_after(self, after: int) -> list[Piece] | Snapshot:
        """Give every entry after a number as it was appended; a snapshot when the log no longer holds them all."""
        return list(self._entries.start_at(after - self._folded)) if after >= self._folded else self.snapshot()

    def next_after(self, after: int, most: float = LARGEST_ITEM) -> Piece | Snapshot | None:
        """Give what came next: neighbours of one channel joined up to `most` characters; None for nothing new."""
        if after >= self.seq:
            return None
        place = after - self._folded
        if place < 0:
            return self.snapshot()
        if after == self.seq - 1:  # who keeps up, gets the last one each time
            return self._entries.last()
        return _joined(self._entries.start_at(place), most)

    def since(self, after: int) -> list[Piece | Snapshot]:
        """Give all that came after a number, neighbours of one channel joined."""
        items: list[Piece | Snapshot] = []
        while item := self.next_after(after, float("inf")):
            items.append(item)
            after = item.seq
        return items

    async def follow(self, after: int) -> AsyncGenerator[Piece | Snapshot | Place, None]:
        """Give everything after a number as it comes, until the log is closed and read to its end."""
        place = 0
        while True:
            while item := self.next_after(after):
                after = item.seq
                yield item
            if self.place != place:
                place = self.place
                yield Place(place)
                continue
            if self.is_closed:
                return
            await self.news()

    async def news(self) -> None:
        """Wait until something happens here. Look at everything without awaiting anything else, then wait."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            await waiter
        finally:
            self._waiting.discard(waiter)

    def _wake(self) -> None:
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)


def _joined(pieces: Iterator[Piece], most: float) -> Piece:
    first = last = next(pieces)
    texts, size = [first.text], len(first.text)
    for piece in pieces:
        size += len(piece.text)
        if size > most or piece.channel is not first.channel:
            break
        texts.append(piece.text)
        last = piece
    return first if last is first else Piece(last.seq, first.channel, "".join(texts))
