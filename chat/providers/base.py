"""What a provider of models is: it takes a request as plain values and gives typed events until the answer ends."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import msgspec


class Role(StrEnum):
    """Who said a turn."""

    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the conversation as text."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Request:
    """Everything that leaves for a provider: no user id, no e-mail, no metadata (promise P07).

    `options` are the model's own settings from the catalogue (for example `{"thinking": {"type": "disabled"}}`), sent
    as they stand. `max_output` is in tokens and has been clamped to what the hold pays.
    """

    model: str
    turns: tuple[Turn, ...]
    max_output: int
    system: str = ""
    options: dict[str, object] | None = None


class Text(msgspec.Struct, frozen=True, gc=False):
    """A piece of the visible answer; never empty."""

    text: str


class Reasoning(msgspec.Struct, frozen=True, gc=False):
    """A piece of the model's thinking; empty text means that it thinks without showing it."""

    text: str


class Usage(msgspec.Struct, frozen=True, gc=False):
    """Token counts so far, cumulative: a later one replaces the fields it knows. `None` means "not said".

    `input` excludes `cached` and `cache_write` for every provider; `output` includes thinking.
    """

    input: int | None = None
    cached: int | None = None
    cache_write: int | None = None
    output: int | None = None


class FinishReason(StrEnum):
    """Why the model ended by itself."""

    DONE = "done"
    LENGTH = "length"
    REFUSED = "refused"
    FILTERED = "filtered"


class Finish(msgspec.Struct, frozen=True, gc=False):
    """The last event of every answer that was not cut off; a stream that ends without one is incomplete."""

    reason: FinishReason


Event = Text | Reasoning | Usage | Finish


class Failure(StrEnum):
    """The kinds of provider failure; the words for the reader and the billing rule hang from these."""

    BUSY = "provider_busy"  # overloaded, rate limited: worth trying again
    UNAVAILABLE = "provider_unavailable"  # 5xx, no connection
    TIMEOUT = "provider_timeout"  # no byte within the time allowed
    BROKEN = "provider_broken_stream"  # dropped, garbled, or ended without saying so
    REJECTED = "provider_rejected"  # 400: our request was not to its liking
    TOO_LARGE = "provider_too_large"  # 413, or the context is too long
    FILTERED = "provider_filtered"  # judged unsafe before the answer began
    MODEL_GONE = "provider_model_gone"  # 404: unknown or retired
    HOUSE = "provider_house_account"  # our key or our account there: an alarm for operators, never the customer's fault
    NOT_CONFIGURED = "provider_not_configured"  # no key, no address


class ProviderError(Exception):
    """A provider failed. Carries a kind and never the vendor's words, which may quote the prompt; raise it `from None`.

    `retry_after` is in seconds where the vendor said one.
    """

    def __init__(self, kind: Failure, *, retry_after: float | None = None) -> None:
        super().__init__(kind.value)
        self.kind = kind
        self.retry_after = retry_after

    @property
    def may_retry(self) -> bool:
        """Whether the same request may be sent again, as long as nothing of the answer was shown."""
        return self.kind in {Failure.BUSY, Failure.UNAVAILABLE, Failure.TIMEOUT}

    @property
    def alarm(self) -> bool:
        return self.kind in {Failure.HOUSE, Failure.MODEL_GONE, Failure.NOT_CONFIGURED}


class Provider(Protocol):
    """One source of models. One instance a process and event loop; `close` ends its connections."""

    name: str

    def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """Give the answer's events in order; raises `ProviderError` only.

        Closing the generator (or cancelling the task) aborts the call upstream at once.
        """
        ...

    async def close(self) -> None: ...
