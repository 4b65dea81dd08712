"""One streamed exchange with a vendor: read, split, understand, merge; every mishap comes out as a `ProviderError`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Protocol, cast

import httpx2
import msgspec

from chat.providers import failures, transport
from chat.providers.base import Event, Failure, Finish, FinishReason, ProviderError, Reasoning, Request, Text
from chat.providers.sse import EventSplitter, SentEvent

DRAIN_SECONDS = 0.2

Read = Callable[[], Awaitable[bytes]]


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
        async with call as opened:
            has_begun, read = True, _reader_of(opened.http_response)
            while chunk := await read():
                events, failure = _understand(answer, splitter.feed(chunk))
                for event in events:
                    yield event
                if failure is not None or answer.is_over:
                    break
            if failure is None:
                await _drain(read)
    except (*failures.MISHAPS, sdk_error) as mishap:
        failure = None if answer.is_complete else failures.of_exception(mishap, has_begun=has_begun)
    # Raised outside of `except`: as its context the vendor's error would travel along, with the prompt inside.
    if failure is not None:
        raise failure
    if answer.reason is None or not answer.is_complete:
        raise ProviderError(Failure.BROKEN)
    yield Finish(answer.reason)


def _reader_of(response: httpx2.Response) -> Read:
    """Give what reads the next bytes, none at the end: the connection's own reader where nothing is to be inflated.

    The four iterators that a response has on top of it cost as much with every token as understanding it does.
    """
    content = response.extensions.get(transport.CONTENT)
    if content is not None and "content-encoding" not in response.headers:
        return cast(Read, content.readany)
    chunks = response.aiter_bytes()

    async def read() -> bytes:
        return await anext(chunks, b"")

    return read


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


async def _drain(read: Read) -> None:
    # A connection can be used again only when its response was read to the end; the last bytes come right behind.
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while await read():
                pass
