"""How much a socket may be ahead of what its client says it has read: servers have no back-pressure of their own."""

from __future__ import annotations

import asyncio
from collections import deque
from uuid import UUID

UNACKNOWLEDGED = 262_144  # bytes; a client that stops reading costs a socket that much and no more


class Window:
    """Counts the frames of replies that were sent and not acknowledged, in the order in which they were sent.

    An acknowledgement of one frame stands for all before it, of other runs too: a socket keeps the order.
    """

    def __init__(self, most: int = UNACKNOWLEDGED) -> None:
        self._most = most
        self._sent: deque[tuple[UUID, int, int]] = deque()  # run, number, bytes
        self._bytes = 0
        self._room = asyncio.Event()
        self._room.set()

    @property
    def bytes(self) -> int:
        """What is on its way."""
        return self._bytes

    @property
    def has_room(self) -> bool:
        """Whether the client is near enough."""
        return self._bytes <= self._most

    async def wait(self) -> None:
        """Return when the client is near enough; the next frame may then be of any size."""
        while not self._room.is_set():
            await self._room.wait()

    def sent(self, run: UUID, seq: int, size: int) -> None:
        """Count a frame."""
        self._sent.append((run, seq, size))
        self._bytes += size
        if self._bytes > self._most:
            self._room.clear()

    def acknowledge(self, run: UUID, seq: int) -> None:
        """Take off everything up to the last frame of a run whose number is at most `seq`."""
        known = max(
            (place for place, (of, number, _) in enumerate(self._sent) if of == run and number <= seq), default=-1
        )
        for _ in range(known + 1):
            self._bytes -= self._sent.popleft()[2]
        if self._bytes <= self._most:
            self._room.set()
