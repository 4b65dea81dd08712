"""Asking the upstream itself, without a relay: what every relay's first token is compared with."""

from __future__ import annotations

import asyncio
import json
from typing import cast

from bench.clock import now_us
from bench.recipe import Recipe

HOST = "127.0.0.1"
FIRST_TOKEN = b"text_delta"


class Direct(asyncio.Protocol):
    """One kept-alive connection."""

    def __init__(self) -> None:
        self._got = b""
        self._first: asyncio.Future[int] | None = None
        self._end: asyncio.Future[bytes] | None = None
        self._mark = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._got += data
        if self._first and not self._first.done() and FIRST_TOKEN in self._got:
            self._first.set_result(now_us())
        if self._end and not self._end.done() and self._got.endswith(self._mark):
            self._end.set_result(self._got)

    async def first_token_us(self, recipe: Recipe) -> int:
        """Ask, read to the end, and give how long the first token took."""
        loop = asyncio.get_running_loop()
        self._first = loop.create_future()
        content = {"model": "bench", "messages": [{"role": "user", "content": recipe.mark()}]}
        asked = now_us()
        await self._exchange(b"POST /v1/messages", json.dumps(content).encode(), b"0\r\n\r\n")
        return await self._first - asked

    async def sent(self) -> int:
        """Give how many tokens the upstream has written since its start."""
        answer = await self._exchange(b"GET /sent", b"", b"]}")
        return int(json.loads(answer.partition(b"\r\n\r\n")[2])["sent"])

    async def _exchange(self, line: bytes, body: bytes, mark: bytes) -> bytes:
        self._got, self._mark = b"", mark
        self._end = asyncio.get_running_loop().create_future()
        self.transport.write(b"%b HTTP/1.1\r\nhost: bench\r\ncontent-length: %d\r\n\r\n%b" % (line, len(body), body))
        async with asyncio.timeout(30):
            return await self._end


async def connect(port: int) -> Direct:
    """Open a connection to the upstream."""
    _transport, direct = await asyncio.get_running_loop().create_connection(Direct, HOST, port)
    return direct
