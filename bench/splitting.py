"""Takes the texts out of a stream of Anthropic's events, as cheaply as it can be done."""

from __future__ import annotations

import msgspec

DATA = b"data: "


class Delta(msgspec.Struct):
    """The piece of a text."""

    text: str = ""


class Event(msgspec.Struct):
    """The few fields that matter here."""

    type: str
    delta: Delta | None = None


_decode = msgspec.json.Decoder(Event).decode


class Deltas:
    """One answer's texts; lines that are no data, HTTP's own among them, are passed over."""

    def __init__(self) -> None:
        self._rest = b""
        self.is_over = False

    def feed(self, data: bytes) -> list[str]:
        """Give the texts that this read completes."""
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        texts = []
        for line in lines:
            if line.startswith(DATA):
                event = _decode(memoryview(line)[len(DATA) :])
                if event.type == "content_block_delta" and event.delta:
                    texts.append(event.delta.text)
                elif event.type == "message_stop":
                    self.is_over = True
        return texts
