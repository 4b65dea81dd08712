"""The one retry policy: a failed request is sent again only while nothing of its answer was seen, and only soon."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from chat.providers.base import Event, Provider, ProviderError, Request
from chat.providers.watch import Watch


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits in seconds. The silence between two bytes is bounded where the bytes are: `transport.Timeouts`."""

    retries: int = 2
    first_pause: float = 0.5
    longest_pause: float = 8.0
    all_tries: float = 30.0  # from the start to the last try's start: nobody watches an empty page for longer
    first_event: float = 300.0  # of each try
    whole_answer: float = 1_800.0  # from the first event on

    def pause(self, tries: int, error: ProviderError, luck: float) -> float:
        """Give the wait before the next try: what the vendor asks, or twice as long each time less up to a quarter."""
        backoff = min(self.first_pause * 2.0 ** (tries - 1), self.longest_pause) * (1 - luck / 4)
        return max(backoff, error.retry_after or 0.0)

    def allows(self, tries: int, error: ProviderError, elapsed: float) -> bool:
        """Say whether a try that starts `elapsed` seconds after the first one is still worth it."""
        return error.may_retry and tries <= self.retries and elapsed <= self.all_tries


DEFAULT = Policy()


async def answer(
    provider: Provider,
    request: Request,
    policy: Policy = DEFAULT,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
    luck: Callable[[], float] = random.random,
) -> AsyncGenerator[Event, None]:
    """Give the provider's events, trying again where that is safe; raises ProviderError only.

    Any event counts as seen, usage too: from then on the vendor bills, and a second try would be billed twice.
    """
    started, tries = clock(), 0
    while True:
        tries += 1
        failure, is_seen = None, False
        try:
            async with aclosing(Watch(provider.stream(request), policy.first_event)) as events:
                async for event in events:
                    if not is_seen:
                        events.allow(policy.whole_answer)
                        is_seen = True
                    yield event
        except ProviderError as error:
            failure = error
        if failure is None:
            return
        pause = policy.pause(tries, failure, luck())
        if is_seen or not policy.allows(tries, failure, clock() - started + pause):
            raise failure
        await sleep(pause)
