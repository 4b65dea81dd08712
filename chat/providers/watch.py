"""Bounds how long a stream of events may be waited for: one timer for the stream instead of one for every event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from chat.providers.base import Event, Failure, ProviderError


class Watch(AsyncIterator[Event]):
    """Gives the events of `source` until the time is up, then raises ProviderError(TIMEOUT).

    `asyncio.timeout` must not span the `yield` of a generator: it would cancel the reader amid its own work. This one
    interrupts only while the source is waited for; a reader that is busy with an event finds out at the next one.
    """

    def __init__(self, source: AsyncGenerator[Event, None], seconds: float) -> None:
        self._source = source
        self._waiting: asyncio.Task[object] | None = None
        self._is_over = False
        self._timer = asyncio.get_running_loop().call_later(seconds, self._end)

    def allow(self, seconds: float) -> None:
        """Start the time again, from now."""
        self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._end)

    async def aclose(self) -> None:
        """Stop the clock and close the source."""
        self._timer.cancel()
        await self._source.aclose()

    def _end(self) -> None:
        self._is_over = True
        if self._waiting is not None:
            self._waiting.cancel()

    async def __anext__(self) -> Event:
        if self._is_over:
            raise ProviderError(Failure.TIMEOUT)
        task = self._waiting = asyncio.current_task()
        cancels_before = task.cancelling() if task else 0
        try:
            return await anext(self._source)
        except asyncio.CancelledError:
            if not self._took_back(task, cancels_before):
                raise  # somebody else's
        finally:
            self._waiting = None
        raise ProviderError(Failure.TIMEOUT)

    def _took_back(self, task: asyncio.Task[object] | None, cancels_before: int) -> bool:
        return self._is_over and task is not None and task.uncancel() <= cancels_before
