"""The client's end of a websocket, in the relays' simple protocol and in the product's (docs/protocol.md)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import uuid4

import msgspec
from picows import WSFrame, WSListener, WSMsgType, WSTransport

from bench.gauge import Gauge
from bench.lines import Line

ACKNOWLEDGE_EVERY = 32_768  # bytes; the server pauses at 256 KiB
MODEL = "local-bench"  # the slug that the product makes of the upstream's one model
TEXT = WSMsgType.TEXT


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; `is_html` and `continues` (the socket's last conversation) mean something to the product only."""

    text: str
    is_html: bool = False
    continues: bool = False


class Talk(WSListener):
    """One socket: questions go out, each with a line on which its reply comes in."""

    def __init__(self, gauge: Gauge) -> None:
        super().__init__()
        self.gauge = gauge
        self.lines: dict[str, Line] = {}
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        for line in self.lines.values():
            line.fail("disconnected")
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("closed before it was ready"))

    def ask(self, question: Question) -> Line:
        raise NotImplementedError

    def follow(self, run: str) -> Line:
        """Follow another socket's reply; the product only."""
        raise NotImplementedError

    def stop(self) -> None:
        """End all replies; the lines that have to be waited for end by themselves."""
        raise NotImplementedError

    def _send(self, frame: object) -> None:
        self.transport.send(TEXT, msgspec.json.encode(frame))


class SimplePiece(msgspec.Struct):
    id: int
    t: str = ""
    end: bool = False


class SimpleTalk(Talk):
    """With the bare and the naive relay; hanging up is how a reply is stopped."""

    _decode = msgspec.json.Decoder(SimplePiece).decode

    def on_ws_connected(self, transport: WSTransport) -> None:
        super().on_ws_connected(transport)
        self.ready.set_result(None)

    def ask(self, question: Question) -> Line:
        line = Line()
        number = len(self.lines) + 1
        self.lines[str(number)] = line
        self._send({"id": number, "text": question.text})
        return line

    def stop(self) -> None:
        for line in self.lines.values():
            line.end()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is not TEXT:
            return
        piece = self._decode(frame.get_payload_as_memoryview())
        line = self.lines[str(piece.id)]
        if piece.end:
            line.end()
            return
        line.come()
        self.gauge.take(piece.t)


class Limits(msgspec.Struct):
    """Of the frame `ready`: a server that counts what is unacknowledged says how much it allows."""

    unacknowledged_bytes: int = 0


class ProductFrame(msgspec.Struct):
    """The fields of all frames that are needed here; decoding passes the rest over."""

    type: str
    id: str = ""
    run: str | None = None
    seq: int = 0
    text: str = ""
    code: str = ""
    conversation: str | None = None
    limits: Limits | None = None


class ProductTalk(Talk):
    """With the product, as the browser does it (html) or a program (text)."""

    _decode = msgspec.json.Decoder(ProductFrame).decode

    def __init__(self, gauge: Gauge) -> None:
        super().__init__(gauge)
        self._by_run: dict[str, Line] = {}
        self._acknowledges = False
        self._conversation: str | None = None

    def ask(self, question: Question) -> Line:
        line = Line()
        number = str(len(self.lines) + 1)
        self.lines[number] = line
        self._send(
            {
                "v": 1,
                "type": "send",
                "id": number,
                "request_id": uuid4(),
                "conversation": self._conversation if question.continues else None,
                "model": MODEL,
                "text": question.text,
                "format": "html" if question.is_html else "text",
            }
        )
        return line

    def follow(self, run: str) -> Line:
        line = Line()
        self.lines[run] = self._by_run[run] = line
        self._send({"v": 1, "type": "follow", "id": run, "run": run})
        return line

    def stop(self) -> None:
        for line in self.lines.values():
            if line.run and not line.ended.done():
                self._send({"v": 1, "type": "stop", "id": "", "run": line.run})

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is not TEXT:
            return
        said = self._decode(frame.get_payload_as_memoryview())
        line = self._by_run.get(said.run or "")
        if line is None:
            self._hear(said)
            return
        if said.type == "ended":
            line.end()
        elif said.type == "error":
            line.fail(said.code)
        else:
            self._take(line, said)
            self._acknowledge(line, said, frame.payload_size)

    def _take(self, line: Line, said: ProductFrame) -> None:
        match said.type:
            case "text":
                line.come()
                line.characters += len(said.text)
                self._measure(line, said.text)
            case "snapshot":
                line.come()
                self._measure(line, said.text[line.characters :])
                line.characters = len(said.text)
            case "html":
                line.come()
            case "following":
                line.accept(said.run or "")

    def _hear(self, said: ProductFrame) -> None:
        match said.type:
            case "ready":
                self._acknowledges = bool(said.limits and said.limits.unacknowledged_bytes)
                self.ready.set_result(None)
            case "accepted":
                line = self.lines[said.id]
                line.accept(said.run or "")
                self._by_run[line.run] = line
                self._conversation = said.conversation
            case "error" if said.id in self.lines:
                self.lines[said.id].fail(said.code)

    def _measure(self, line: Line, text: str) -> None:
        """Take whole tokens: a frame may be cut anywhere, and its last token ends in the next one."""
        text = line.rest + text
        whole = len(text) - len(text) % self.gauge.size
        line.rest = text[whole:]
        if whole:
            self.gauge.take(text[:whole])

    def _acknowledge(self, line: Line, said: ProductFrame, size: int) -> None:
        line.unacknowledged += size
        if self._acknowledges and line.unacknowledged >= ACKNOWLEDGE_EVERY and said.seq:
            line.unacknowledged = 0
            self._send({"v": 1, "type": "ack", "run": line.run, "seq": said.seq})
