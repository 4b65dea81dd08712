"""How each vendor frames a stream, encoded once: per token only the clock is put between two constant halves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

SLOT = "@@"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
PROSE = """\
## Rivers of the delta

The river has **nine mouths** and a [mouth](https://example.invalid/map) of its own; its *length* is long. It rises in
the mountains, runs south for weeks, and nobody has counted the boats on it since the last flood.

- one bank, where the market stands
- another bank, where the `road` ends

| River | Mouths | Ends in |
|---|---:|---|
| First | 9 | the southern sea |
| Second | 1 | the western channel |

```python
def mouths(river: str) -> int:
    return 9 if river == "First" else 1
```

"""
PIECE = 4  # characters, about what a token is


@dataclass(frozen=True, slots=True)
class Dialect:
    """The frames around the tokens, each as one chunk of HTTP."""

    start: bytes
    before: str
    after: str
    end: bytes

    @cache  # noqa: B019  # two instances, for the life of the process
    def halves(self, size: int) -> tuple[bytes, bytes]:
        """Give what stands before and after a token of this many characters."""
        before, after = self.before.encode(), self.after.encode()
        return b"%x\r\n%b" % (len(before) + size + len(after), before), after + b"\r\n"

    @cache  # noqa: B019
    def prose(self) -> list[bytes]:
        """Give a formatted text cut into chunks of one token each."""
        pieces = [PROSE[at : at + PIECE] for at in range(0, len(PROSE), PIECE)]
        return [chunk(self.before + json.dumps(piece)[1:-1] + self.after) for piece in pieces]


def chunk(text: str) -> bytes:
    """Frame a text as one chunk of an HTTP body."""
    data = text.encode()
    return b"%x\r\n%b\r\n" % (len(data), data)


def _events(*frames: dict[str, object]) -> str:
    return "".join(f"event: {frame['type']}\ndata: {json.dumps(frame)}\n\n" for frame in frames)


def _chunks(*frames: dict[str, object]) -> str:
    return "".join(f"data: {json.dumps(frame)}\n\n" for frame in frames)


def _anthropic() -> Dialect:
    usage = {"input_tokens": 12, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 1}
    message = {"id": "msg_bench", "type": "message", "role": "assistant", "model": "bench", "content": []}
    block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": SLOT}}
    changes = {"stop_reason": "end_turn", "stop_sequence": None}
    started = {**message, "stop_reason": None, "stop_sequence": None, "usage": usage}
    before, after = _events(delta).split(SLOT)
    return Dialect(
        chunk(_events({"type": "message_start", "message": started}, block)),
        before,
        after,
        chunk(
            _events(
                {"type": "content_block_stop", "index": 0},
                {"type": "message_delta", "delta": changes, "usage": {"output_tokens": 99}},
                {"type": "message_stop"},
            )
        ),
    )


def _openai() -> Dialect:
    def piece(delta: dict[str, str], reason: str | None) -> dict[str, object]:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return {"id": "bench", "object": "chat.completion.chunk", "created": 1, "model": "bench", "choices": [choice]}

    before, after = _chunks(piece({"content": SLOT}, None)).split(SLOT)
    usage = {"prompt_tokens": 12, "completion_tokens": 99, "total_tokens": 111}
    counts = {**piece({}, None), "choices": [], "usage": usage}
    end = _chunks(piece({}, "stop"), counts) + "data: [DONE]\n\n"
    return Dialect(chunk(_chunks(piece({"role": "assistant", "content": ""}, None))), before, after, chunk(end))


ANTHROPIC, OPENAI = _anthropic(), _openai()


def dialect_of(path: bytes) -> Dialect:
    """Tell by the address which vendor is meant."""
    return OPENAI if path.endswith(b"/chat/completions") else ANTHROPIC
