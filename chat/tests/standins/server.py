"""The HTTP server under the stand-ins: plain asyncio, so that a scenario owns every byte and can drop the line at any."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

LARGEST_BODY = 40_000_000


@dataclass(frozen=True)
class Received:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw)
        return found


class Reply:
    """The way back to one client; `abort` cuts the line without a word."""

    def __init__(self, writer: asyncio.StreamWriter, pace: float) -> None:
        self._writer = writer
        self.pace = pace
        self.is_cut = False

    async def send(self, status: int, body: bytes, content_type: str = "application/json", **headers: str) -> None:
        await self._head(status, content_type, {"content-length": str(len(body)), **headers})
        await self._write(body)

    async def send_json(self, status: int, body: object, **headers: str) -> None:
        await self.send(status, json.dumps(body, ensure_ascii=False).encode(), **headers)

    async def begin(self) -> None:
        """Begin a stream of events; each `write` is one packet."""
        await self._head(200, "text/event-stream; charset=utf-8", {"transfer-encoding": "chunked"})

    async def write(self, data: bytes) -> None:
        if data:
            await self._write(b"%x\r\n%s\r\n" % (len(data), data))
        await asyncio.sleep(self.pace)

    async def end(self) -> None:
        await self._write(b"0\r\n\r\n")

    def abort(self) -> None:
        self.is_cut = True
        self._writer.transport.abort()

    async def _head(self, status: int, content_type: str, headers: dict[str, str]) -> None:
        # The cookie is what a vendor's edge sets; whoever sends it back can be followed from request to request.
        lines = {"content-type": content_type, "set-cookie": "__edge=1; path=/", "request-id": "req_01Stub", **headers}
        head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
        reason = HTTPStatus(status).phrase if status in HTTPStatus else "Overloaded"
        await self._write(f"HTTP/1.1 {status} {reason}\r\n{head}\r\n".encode())

    async def _write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()
