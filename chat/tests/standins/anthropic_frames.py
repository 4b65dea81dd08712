"""The frames of Anthropic's stream, as the vendor writes them."""

from __future__ import annotations

import json
from typing import Any


def frame(kind: str, **fields: Any) -> bytes:
    """Write one event; characters stay as they are, not escaped."""
    data = json.dumps({"type": kind, **fields}, ensure_ascii=False)
    return f"event: {kind}\ndata: {data}\n\n".encode()


def start(**usage: int) -> bytes:
    counts = {"input_tokens": 12, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 1}
    message = {"id": "msg_01Stub", "type": "message", "role": "assistant", "model": "stub", "content": []}
    return frame("message_start", message={**message, "stop_reason": None, "usage": {**counts, **usage}})


def block(index: int, kind: str) -> bytes:
    empty = {"text": {"text": ""}, "thinking": {"thinking": "", "signature": ""}, "redacted_thinking": {"data": "eA=="}}
    return frame("content_block_start", index=index, content_block={"type": kind, **empty[kind]})


def delta(index: int, kind: str, **fields: object) -> bytes:
    return frame("content_block_delta", index=index, delta={"type": kind, **fields})


def text(piece: str, index: int = 0) -> bytes:
    return delta(index, "text_delta", text=piece)


def close(index: int = 0) -> bytes:
    return frame("content_block_stop", index=index)


def changes(reason: str | None, **usage: int | None) -> bytes:
    return frame("message_delta", delta={"stop_reason": reason, "stop_sequence": None}, usage=usage)


def end(reason: str = "end_turn") -> tuple[bytes, ...]:
    return (changes(reason, output_tokens=9), frame("message_stop"))


def problem(kind: str, message: str = "A message.") -> bytes:
    error = {"type": kind, "message": message}
    return frame("error", error=error, request_id="req_01Stub")


PING = frame("ping")
HALF = (start(), block(0, "text"), PING, text("Seine, "), text("Nile, "))
WHOLE = (*HALF, text("Mekong."), close(), *end())
