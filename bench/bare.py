"""The practical limit: a relay of raw asyncio protocols that does nothing but relay, one small frame a token.

No sign-in, no history, no money, no log: what the product adds to this is what the product costs.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import sys
from typing import cast

import msgspec
import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

from bench.splitting import Deltas

HOST = "127.0.0.1"


class Question(msgspec.Struct):
    """What the client sends."""

    id: int
    text: str


class Piece(msgspec.Struct, omit_defaults=True):
    """What it gets: a token, or the end."""

    id: int
    t: str = ""
    end: bool = False


_question = msgspec.json.Decoder(Question).decode
_encode = msgspec.json.Encoder().encode


class Reply(asyncio.Protocol):
    """One request to the upstream, its tokens passed on as they come."""

    def __init__(self, question: Question, client: WSTransport) -> None:
        self._question, self._client = question, client
        self._deltas = Deltas()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        content = [{"role": "user", "content": self._question.text}]
        body = _encode({"model": "bench", "max_tokens": 1_024, "stream": True, "messages": content})
        head = f"POST /v1/messages HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)

    def data_received(self, data: bytes) -> None:
        if self._client.is_disconnected:
            self.transport.close()
            return
        for text in self._deltas.feed(data):
            self._client.send(WSMsgType.TEXT, _encode(Piece(self._question.id, text)))
        if self._deltas.is_over:
            self._client.send(WSMsgType.TEXT, _encode(Piece(self._question.id, end=True)))
            self.transport.close()


class Client(WSListener):
    """One websocket."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port
        self._replies: list[Reply] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.TEXT:
            task = asyncio.get_running_loop().create_task(self._ask(_question(frame.get_payload_as_bytes()), transport))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        for reply in self._replies:
            reply.transport.close()

    async def _ask(self, question: Question, transport: WSTransport) -> None:
        loop = asyncio.get_running_loop()
        _transport, reply = await loop.create_connection(lambda: Reply(question, transport), HOST, self._port)
        self._replies.append(reply)


async def serve(upstream: int) -> None:
    """Say the port on standard output and serve until standard input ends."""
    logging.disable(logging.WARNING)  # a client that hangs up in the middle is worth a line per token otherwise

    def listener(_request: WSUpgradeRequest) -> WSListener:
        return Client(upstream)

    server = await ws_create_server(listener, HOST, 0, backlog=2_048)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    gc.collect()
    gc.freeze()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
