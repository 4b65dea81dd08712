"""Kimi models of Moonshot AI, over the openai SDK."""

from __future__ import annotations

from chat.providers import transport
from chat.providers.openai_wire import OpenAIWire


class MoonshotProvider(OpenAIWire):
    """Sends no sampling parameters (other values than the fixed ones are a 400) and no user or cache key (P07)."""

    name = "moonshot"
    length_field = "max_completion_tokens"
    timeouts = transport.Timeouts(silence=150)  # no pings: a long thought may be silent
