"""What a run asks for its answer: the provider behind its gate and its breaker, with the retry policy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from chat.providers import breaker, gates, registry, retrying
from chat.providers.base import Failure, ProviderError, Request
from chat.providers.gates import OnPlace
from chat.providers.retrying import Opened


@asynccontextmanager
async def opened(provider_name: str, user: UUID, request: Request, on_place: OnPlace) -> AsyncIterator[Opened]:
    """Wait for a slot, then give the answer's first event and the stream of the rest; raises ProviderError only.

    `on_place` hears the place in the queue (see `Gate.place`). `user` decides whose turn it is and goes nowhere. The
    slot is held until the context ends.
    """
    provider = await registry.get(provider_name)
    async with gates.of(provider_name).place(user, on_place):
        if not breaker.of(provider_name).allow():
            raise ProviderError(Failure.UNAVAILABLE)
        attempt = _Attempt(provider_name)
        try:
            async with retrying.opened(provider, request) as answer:
                await attempt.succeeded()
                yield answer
        except ProviderError as error:
            await attempt.failed(error.kind)
            raise
        finally:
            attempt.end()


class _Attempt:
    """Tells the breaker of one run, once: its first event, or the failure that came instead of it.

    What happens after the first event says little about the next request: a stream that broke off may be anybody's
    network, and the provider did take the request.
    """

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._breaker = breaker.of(provider)
        self._is_trial = self._breaker.is_open
        self.is_told = False

    async def succeeded(self) -> None:
        self.is_told = True
        if self._breaker.succeeded():
            await breaker.share(self._provider)

    async def failed(self, kind: Failure) -> None:
        if self.is_told:
            return
        self.is_told = True
        if self._breaker.failed(kind):
            await breaker.share(self._provider)

    def end(self) -> None:
        """A trial that was stopped before its first event decides nothing: the next run may be one."""
        if self._is_trial and not self.is_told:
            self._breaker.abandoned()
