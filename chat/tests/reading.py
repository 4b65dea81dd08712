"""Reads a provider's stream to its end for the tests, whether it ends well or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from chat.providers.base import (
    Event,
    Failure,
    Finish,
    FinishReason,
    ProviderError,
    Reasoning,
    Request,
    Role,
    Text,
    Turn,
    Usage,
)
from chat.providers.retrying import Opened


@dataclass(frozen=True)
class Read:
    """What a stream gave."""

    events: list[Event]
    failure: ProviderError | None

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, Text))

    @property
    def reasoning(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Reasoning)]

    @property
    def usage(self) -> Usage:
        """Add the counts up as the contract says: a later one replaces what it knows."""
        known: dict[str, int] = {}
        for event in self.events:
            if isinstance(event, Usage):
                fields = {name: getattr(event, name) for name in ("input", "cached", "cache_write", "output")}
                known |= {name: count for name, count in fields.items() if count is not None}
        return Usage(**known)

    @property
    def finish(self) -> FinishReason | None:
        last = self.events[-1] if self.events else None
        return last.reason if isinstance(last, Finish) else None


async def read(stream: AsyncIterator[Event]) -> Read:
    """Collect events until the end or a ProviderError; anything else rises."""
    events: list[Event] = []
    try:
        async for event in stream:
            events += [event]
    except ProviderError as failure:
        return Read(events, failure)
    return Read(events, None)


async def read_opened(opening: AbstractAsyncContextManager[Opened], seconds: float = 30) -> Read:
    """Do what a run does with an opened answer, for so long at most."""
    events: list[Event] = []
    try:
        async with opening as (first, rest), asyncio.timeout(seconds):
            events += [first]
            async for event in rest:
                events += [event]
    except ProviderError as failure:
        return Read(events, failure)
    except TimeoutError:
        return Read(events, ProviderError(Failure.TIMEOUT))
    return Read(events, None)


def request(text: str = "Name three rivers.", model: str = "claude-sonnet-5-5", *, max_output: int = 4096) -> Request:
    """Make a request of one user turn."""
    return Request(model=model, turns=(Turn(Role.USER, text),), max_output=max_output)
