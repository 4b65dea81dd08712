"""The frames of Moonshot's stream, which local servers share, as the vendor writes them."""

from __future__ import annotations

import json
from typing import Any

DONE = b"data: [DONE]\n\n"
USAGE = {"prompt_tokens": 19, "completion_tokens": 13, "total_tokens": 32, "cached_tokens": 8}
OPENAI_USAGE = {"prompt_tokens": 19, "completion_tokens": 13, "prompt_tokens_details": {"cached_tokens": 8}}


def chunk(choices: list[dict[str, Any]], **more: Any) -> bytes:
    head = {"id": "chatcmpl-stub1", "object": "chat.completion.chunk", "created": 1795000000, "model": "stub"}
    return f"data: {json.dumps({**head, 'choices': choices, **more}, ensure_ascii=False)}\n\n".encode()


def piece(**delta: str | None) -> bytes:
    return chunk([{"index": 0, "delta": delta, "finish_reason": None}])


def last(reason: str = "stop", usage: dict[str, Any] | None = None) -> bytes:
    """End the answer; Moonshot puts the usage here."""
    more = {"usage": usage} if usage else {}
    return chunk([{"index": 0, "delta": {}, "finish_reason": reason, **more}])


def top(usage: dict[str, Any]) -> bytes:
    """Give the usage as OpenAI does, in a chunk without choices."""
    return chunk([], usage=usage)


def problem(kind: str, message: str = "A message.") -> bytes:
    return f"data: {json.dumps({'error': {'message': message, 'type': kind}})}\n\n".encode()


HALF = (piece(role="assistant", content=""), piece(content="Seine, "), piece(content="Nile, "))
TEXT = (*HALF, piece(content="Mekong."))
