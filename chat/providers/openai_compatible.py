"""Models of any local server that speaks OpenAI's chat completions, such as Ollama, llama.cpp or vLLM."""

from __future__ import annotations

from chat.providers import transport
from chat.providers.openai_wire import OpenAIWire


class OpenAICompatibleProvider(OpenAIWire):
    """Needs no key. Uses `max_tokens`, which all of these servers know."""

    name = "openai_compatible"
    length_field = "max_tokens"
    timeouts = transport.Timeouts(silence=300)  # the first request loads the model from disk
