"""The one retry policy: a failed request is sent again only while nothing of its answer was seen, and only soon."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from chat.providers.base import Event, Failure, Provider, ProviderError, Request


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits in seconds. The silence between two bytes is bounded where the bytes are: `transport.Timeouts`."""

    retries: int = 2
    first_pause: float = 0.5
    longest_pause: float = 8.0
    all_tries: float = 30.0  # from the start to the last try's start: nobody watches an empty page for longer
    first_event: float = 300.0  # of each try
    whole_answer: float = 1_800.0  # from the first event on; whoever reads the stream keeps to it

    def pause(self, tries: int, error: ProviderError, luck: float) -> float:
        """Give the wait before the next try: what the vendor asks, or twice as long each time less up to a quarter."""
        backoff = min(self.first_pause * 2.0 ** (tries - 1), self.longest_pause) * (1 - luck / 4)
        return max(backoff, error.retry_after or 0.0)

    def allows(self, tries: int, error: ProviderError, elapsed: float) -> bool:
        """Say whether a try that starts `elapsed` seconds after the first one is still worth it."""
        return error.may_retry and tries <= self.retries and elapsed <= self.all_tries


DEFAULT = Policy()


Opened = tuple[Event, AsyncGenerator[Event, None]]


@asynccontextmanager
async def opened(
    provider: Provider,
    request: Request,
    policy: Policy = DEFAULT,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
    luck: Callable[[], float] = random.random,
) -> AsyncIterator[Opened]:
    """Give the answer's first event and the provider's own stream of the rest, trying again where that is safe.

    Any event counts as seen, usage too: from then on the vendor bills, and a second try would be billed twice. Raises
    ProviderError only. The stream is handed over as it is: a layer around it would cost something with every token.
    """
    started, tries = clock(), 0
    while True:
        tries += 1
        stream = provider.stream(request)
        async with aclosing(stream):
            try:
                first, failure = await _first_of(stream, policy.first_event), None
            except ProviderError as error:
                first, failure = None, error
            if first is not None:
                yield first, stream
                return
        assert failure
        pause = policy.pause(tries, failure, luck())
        if not policy.allows(tries, failure, clock() - started + pause):
            raise failure
        await sleep(pause)


async def _first_of(stream: AsyncGenerator[Event, None], seconds: float) -> Event:
    is_late = False
    try:
        async with asyncio.timeout(seconds):
            return await anext(stream)
    except TimeoutError:
        is_late = True
    except StopAsyncIteration:
        pass
    raise ProviderError(Failure.TIMEOUT if is_late else Failure.BROKEN)
