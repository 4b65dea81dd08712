"""One streamed exchange with a vendor: read, split, understand, merge; every mishap comes out as a `ProviderError`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import AbstractAsyncContextManager, aclosing, suppress
from typing import Protocol

import httpx2
import msgspec

from chat.providers import failures
from chat.providers.base import Event, Failure, Finish, FinishReason, ProviderError, Reasoning, Request, Text
from chat.providers.sse import EventSplitter, SentEvent

DRAIN_SECONDS = 0.2


class Answer(Protocol):
    """What a vendor's frames come to; one object for one answer."""

    reason: FinishReason | None  # None until the vendor said why the answer ended
    is_over: bool  # the vendor's last frame was there

    @property
    def is_complete(self) -> bool:
        """Whether the stream may end here without anything missing."""
        ...

    def read(self, name: str | None, data: bytes) -> Iterable[Event]:
        """Give the events of one frame; raises ProviderError for an error frame, msgspec's errors for a garbled one."""
        ...


class OpenedResponse(Protocol):
    """What an SDK's `with_streaming_response` opens."""

    @property
    def http_response(self) -> httpx2.Response: ...


def messages_of(request: Request) -> list[dict[str, str]]:
    """Give the turns as every vendor takes them; blank ones stay out, for which they refuse the whole request."""
    return [{"role": turn.role.value, "content": turn.text} for turn in request.turns if turn.text.strip()]


async def relay(
    call: AbstractAsyncContextManager[OpenedResponse], answer: Answer, sdk_error: type[Exception]
) -> AsyncGenerator[Event, None]:
    """Give the answer's events, `Finish` last; raises ProviderError only. Closing the generator closes the connection.

    What one read of the socket brought comes as few events: under load batching happens by itself.
    """
    failure: ProviderError | None = None
    has_begun = False
    splitter = EventSplitter()
    try:
        async with call as opened, aclosing(_bytes_of(opened.http_response)) as chunks:
            has_begun = True
            async for chunk in chunks:
                events, failure = _understand(answer, splitter.feed(chunk))
                for event in events:
                    yield event
                if failure is not None or answer.is_over:
                    break
            if failure is None:
                await _drain(chunks)
    except (*failures.MISHAPS, sdk_error) as mishap:
        failure = None if answer.is_complete else failures.of_exception(mishap, has_begun=has_begun)
    # Raised outside of `except`: as its context the vendor's error would travel along, with the prompt inside.
    if failure is not None:
        raise failure
    if answer.reason is None or not answer.is_complete:
        raise ProviderError(Failure.BROKEN)
    yield Finish(answer.reason)


def _bytes_of(response: httpx2.Response) -> AsyncGenerator[bytes, None]:
    """Give what the wire brought, inflated only where it was deflated against our wish: that costs with every token."""
    return response.aiter_bytes() if "content-encoding" in response.headers else response.aiter_raw()


def _understand(answer: Answer, frames: Iterable[SentEvent]) -> tuple[list[Event], ProviderError | None]:
    # The events in front of a failure are given with it, because they were paid for.
    events: list[Event] = []
    try:
        for name, data in frames:
            for event in answer.read(name, data):
                _merge(events, event)
    except ProviderError as failure:
        return events, failure
    except msgspec.MsgspecError:
        return events, ProviderError(Failure.BROKEN)
    return events, None


def _merge(events: list[Event], event: Event) -> None:
    last = events[-1] if events else None
    match last, event:
        case Text(), Text():
            events[-1] = Text(last.text + event.text)
        case Reasoning(), Reasoning():
            events[-1] = Reasoning(last.text + event.text)
        case _:
            events.append(event)


async def _drain(chunks: AsyncGenerator[bytes, None]) -> None:
    # A connection can be used again only when its response was read to the end; the last bytes come right behind.
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            async for _ in chunks:
                pass
