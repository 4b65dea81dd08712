"""Claude models by Anthropic's own SDK; facts in the vendor's documentation of the Messages API."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from anthropic import AnthropicError, AsyncAnthropic
from anthropic._vendor.httpx_aiohttp import AiohttpTransport  # what DefaultAioHttpClient runs on, with our session

from chat.providers import transport
from chat.providers.anthropic_frames import AnthropicAnswer
from chat.providers.base import Event, Request
from chat.providers.wire import messages_of, relay

TIMEOUTS = transport.Timeouts(silence=90)  # pings come far more often, also while a model thinks


class AnthropicProvider:
    """One client for the process; retries are ours (`retrying`), so the SDK's are off."""

    name = "anthropic"

    def __init__(self, *, api_key: str, base_url: str, timeouts: transport.Timeouts = TIMEOUTS) -> None:
        transport.silence_loggers("anthropic", "httpx2")
        self._client = AsyncAnthropic(
            api_key=api_key,
            base_url=base_url,
            max_retries=0,
            default_headers={"Authorization": f"Bearer {api_key}"},  # wins over ANTHROPIC_CUSTOM_HEADERS
            open_telemetry=False,
            http_client=transport.client(AiohttpTransport, timeouts),
        )
        self._create = self._client.messages.with_streaming_response.create  # looked up here: it imports a lot

    def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """Give the answer's events; see `base.Provider`."""
        call = self._create(
            model=request.model, max_tokens=request.max_output, messages=[], stream=True, extra_body=body_of(request)
        )
        return relay(call, AnthropicAnswer(), AnthropicError)

    async def close(self) -> None:
        await self._client.close()


def body_of(request: Request) -> dict[str, object]:
    """Give the whole body: no metadata, no user id. The model's options stand first, so that they replace nothing."""
    body: dict[str, object] = {
        "cache_control": {"type": "ephemeral"},  # one breakpoint that moves along with the last message
        **(request.options or {}),
        "model": request.model,
        "max_tokens": request.max_output,
        "stream": True,
        "messages": messages_of(request),
    }
    if request.system.strip():
        body["system"] = [{"type": "text", "text": request.system}]
    return body
