"""The chat-completions stream that Moonshot and the local servers share: its frames, what they mean, and the client."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated

import msgspec
from openai import AsyncOpenAI, OpenAIError
from openai._vendor.httpx_aiohttp import AiohttpTransport  # what DefaultAioHttpClient runs on, with our session

from chat.providers import failures, transport
from chat.providers.base import Event, FinishReason, Reasoning, Request, Text, Usage
from chat.providers.wire import messages_of, relay

Count = Annotated[int, msgspec.Meta(ge=0)]

END = b"[DONE]"
REASONS = {"length": FinishReason.LENGTH, "content_filter": FinishReason.FILTERED}


class PromptDetails(msgspec.Struct):
    """OpenAI's place for the cached part of the prompt."""

    cached_tokens: Count | None = None


class Tokens(msgspec.Struct):
    """Counts at the end of the stream."""

    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None
    cached_tokens: Count | None = None  # Moonshot's place
    prompt_tokens_details: PromptDetails | None = None

    def as_usage(self) -> Usage:
        """Give the counts; here the prompt includes what was read from the cache, and writing to it is free."""
        details = self.prompt_tokens_details
        cached = self.cached_tokens if self.cached_tokens is not None else details and details.cached_tokens
        if self.prompt_tokens is None:
            return Usage(output=self.completion_tokens)
        cached = min(cached or 0, self.prompt_tokens)
        return Usage(input=self.prompt_tokens - cached, cached=cached, cache_write=0, output=self.completion_tokens)


class Delta(msgspec.Struct):
    """A piece of the answer; Ollama and vLLM call the thinking `reasoning`."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None


class Choice(msgspec.Struct):
    """The one answer; Moonshot puts the usage here."""

    delta: Delta | None = None
    finish_reason: str | None = None
    usage: Tokens | None = None


class Chunk(msgspec.Struct):
    """Any frame of the stream."""

    choices: list[Choice] | None = None
    usage: Tokens | None = None
    error: failures.VendorError | str | None = None


_decode = msgspec.json.Decoder(Chunk).decode


class OpenAIAnswer:
    """Reads the frames of one answer."""

    def __init__(self) -> None:
        self.reason: FinishReason | None = None
        self.is_over = False
        self._has_top_usage = False

    @property
    def is_complete(self) -> bool:
        # `[DONE]` or a finish reason: the vendor calls an answer incomplete when both are missing, and local servers
        # leave out one or the other.
        return self.reason is not None

    def read(self, name: str | None, data: bytes) -> tuple[Event, ...]:
        """Give the events of one frame."""
        if data == END:
            self.is_over = True
            self.reason = self.reason or FinishReason.DONE
            return ()
        chunk = _decode(data)
        if chunk.error is not None:
            raise failures.of_frame(_error(chunk.error))
        events = self._of_choice(chunk.choices[0]) if chunk.choices else ()
        return events if chunk.usage is None else (*events, self._top(chunk.usage))

    def _of_choice(self, choice: Choice) -> tuple[Event, ...]:
        if choice.finish_reason:
            self.reason = REASONS.get(choice.finish_reason, FinishReason.DONE)
        events = _piece(choice.delta) if choice.delta else ()
        if choice.usage is None or self._has_top_usage:
            return events
        return (*events, choice.usage.as_usage())

    def _top(self, tokens: Tokens) -> Usage:
        self._has_top_usage = True  # Moonshot gives the usage twice: the top level wins, whichever comes last
        return tokens.as_usage()


def _piece(delta: Delta) -> tuple[Event, ...]:
    thought = delta.reasoning_content or delta.reasoning
    said = delta.content or delta.refusal
    if thought and said:
        return (Reasoning(thought), Text(said))
    if said:
        return (Text(said),)
    return (Reasoning(thought),) if thought else ()


def _error(said: failures.VendorError | str) -> failures.VendorError:
    return failures.VendorError(message=said) if isinstance(said, str) else said


class OpenAIWire:
    """A client of one OpenAI-like server; the subclasses say what they are called and how a request looks there."""

    name: str
    length_field: str
    timeouts: transport.Timeouts

    def __init__(self, *, api_key: str, base_url: str, timeouts: transport.Timeouts | None = None) -> None:
        transport.silence_loggers("openai", "httpx2")
        self._client = AsyncOpenAI(
            api_key=api_key or "none",  # the SDK insists; the transport sends no key where there is none
            base_url=base_url,
            max_retries=0,
            default_headers={"Authorization": f"Bearer {api_key}"},  # wins over OPENAI_CUSTOM_HEADERS
            http_client=transport.client(AiohttpTransport, timeouts or self.timeouts, is_signed=bool(api_key)),
        )
        self._create = self._client.chat.completions.with_streaming_response.create  # looked up here: it imports a lot

    def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """Give the answer's events; see `base.Provider`."""
        # Typed messages cost the SDK 0.2 ms each on the event loop (90 ms for 400); an extra body is sent as it stands.
        call = self._create(model=request.model, messages=[], stream=True, extra_body=self._body_of(request))
        return relay(call, OpenAIAnswer(), OpenAIError)

    async def close(self) -> None:
        await self._client.close()

    def _body_of(self, request: Request) -> dict[str, object]:
        messages = messages_of(request)
        if request.system.strip():
            messages.insert(0, {"role": "system", "content": request.system})
        return {
            **(request.options or {}),
            "model": request.model,
            "messages": messages,
            self.length_field: request.max_output,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
