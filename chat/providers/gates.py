"""One gate a provider: so many streams at once, the rest wait in a queue whose places people can see.

A gate belongs to one process and one event loop, and is touched from there only. People take turns: whoever has many
replies waiting lets everybody else's first one go before their own second one.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import zip_longest
from uuid import UUID
from weakref import WeakKeyDictionary

from django.conf import settings

from chat.providers.base import Failure, ProviderError

PATIENCE = 60.0  # seconds that somebody waits at most
TELL_EVERY = 0.2  # seconds: a queue that moves faster is told of at this pace, or telling would cost more than the work

OnPlace = Callable[[int], None]


class _Waiter:
    """Somebody in the queue; `go` becomes true with the slot, or fails when the patience is over."""

    def __init__(self, user: UUID, on_place: OnPlace, patience: float) -> None:
        loop = asyncio.get_running_loop()
        self.user = user
        self.go: asyncio.Future[None] = loop.create_future()
        self._on_place = on_place
        self._told = 0
        self._timer = loop.call_later(patience, self._give_up)

    def tell(self, place: int) -> None:
        if place != self._told:
            self._told = place
            self._on_place(place)

    def stop_waiting(self) -> bool:
        """Give whether a slot was handed over; reading the outcome also keeps asyncio from complaining about it."""
        self._timer.cancel()
        return self.go.done() and not self.go.cancelled() and self.go.exception() is None

    def _give_up(self) -> None:
        if not self.go.done():
            self.go.set_exception(ProviderError(Failure.BUSY))


class _Queue:
    """Waiters by person: first come first served among one person's, and the persons take turns."""

    def __init__(self) -> None:
        self._lines: OrderedDict[UUID, deque[_Waiter]] = OrderedDict()

    def __len__(self) -> int:
        return sum(len(line) for line in self._lines.values())

    def join(self, waiter: _Waiter) -> None:
        self._lines.setdefault(waiter.user, deque()).append(waiter)

    def leave(self, waiter: _Waiter) -> None:
        """Take somebody out who may have left already."""
        line = self._lines.get(waiter.user)
        if line and waiter in line:
            line.remove(waiter)
            if not line:
                del self._lines[waiter.user]

    def next(self) -> _Waiter | None:
        """Take out whose turn it is; that person's next reply has to wait for everybody else's turn."""
        if not self._lines:
            return None
        user, line = self._lines.popitem(last=False)
        waiter = line.popleft()
        if line:
            self._lines[user] = line
        return waiter

    def in_order(self) -> Iterator[_Waiter]:
        """Give all as they would be let in if nobody joined or left."""
        for turn in zip_longest(*self._lines.values()):
            yield from (waiter for waiter in turn if waiter)


class Gate:
    """Lets at most `most` in at once."""

    def __init__(self, most: int, patience: float = PATIENCE, tell_every: float = TELL_EVERY) -> None:
        self.most = most
        self.inside = 0
        self._patience = patience
        self._tell_every = tell_every
        self._queue = _Queue()
        self._telling: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @asynccontextmanager
    async def place(self, user: UUID, on_place: OnPlace) -> AsyncIterator[None]:
        """Hold a slot; waits for one first where there is none, and raises ProviderError(BUSY) after a minute of that.

        `on_place` hears the place in the queue whenever it changed, 1 being the next, at most five times a second, and
        0 on being let in. Whoever need not wait hears nothing. It must not block. Cancelling leaves the queue at once.
        """
        await self._come_in(user, on_place)
        try:
            yield
        finally:
            self._leave()

    async def _come_in(self, user: UUID, on_place: OnPlace) -> None:
        if self.inside < self.most:
            self.inside += 1
            return
        waiter = _Waiter(user, on_place, self._patience)
        self._queue.join(waiter)
        self._tell_soon()
        try:
            await waiter.go
            waiter.tell(0)
        except BaseException:
            self._queue.leave(waiter)
            self._tell_soon()
            if waiter.stop_waiting():  # the slot came in the moment of leaving: it belongs to the next one
                self._leave()
            raise
        waiter.stop_waiting()

    def _leave(self) -> None:
        """Hand the slot to whose turn it is. `inside` counts slots, so it falls only when nobody takes this one."""
        while (waiter := self._queue.next()) is not None:
            self._tell_soon()
            if not waiter.go.done():  # else it was cancelled, or has run out of patience, and is about to leave
                waiter.go.set_result(None)
                return
        self.inside -= 1

    def _tell_soon(self) -> None:
        if self._telling is None and self._queue:
            self._telling = asyncio.get_running_loop().call_later(self._tell_every, self._tell)

    def _tell(self) -> None:
        self._telling = None
        for place, waiter in enumerate(list(self._queue.in_order()), start=1):
            waiter.tell(place)


_made: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Gate]] = WeakKeyDictionary()


def of(provider: str) -> Gate:
    """Give the gate of a provider in this process and loop."""
    mine = _made.setdefault(asyncio.get_running_loop(), {})
    if provider not in mine:
        mine[provider] = Gate(settings.PROVIDER_STREAMS)
    return mine[provider]


def waiting() -> int:
    """Give how many wait at the gates of this process."""
    return sum(gate.waiting for mine in _made.values() for gate in mine.values())
