"""The HTTP server under the stand-ins: plain asyncio, so that a scenario owns every byte and can drop the line."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, ClassVar, Self

MARKER = re.compile(r"\[\[scenario:([a-z0-9-]+)\]\]")


@dataclass(frozen=True)
class Received:
    """One request as it came in; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw)
        return found


@dataclass(frozen=True)
class Problem:
    """What is wrong with a request; a violation is something that the vendor would take but must never be sent."""

    status: int
    type: str
    message: str
    is_violation: bool = False


class Reply:
    """The way back to one client."""

    def __init__(self, writer: asyncio.StreamWriter, pace: float) -> None:
        self._writer = writer
        self.pace = pace
        self.is_cut = False

    async def send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Send a whole answer."""
        await self._head(status, {"content-length": str(len(body)), **(headers or {})})
        await self._write(body)

    async def send_json(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        await self.send(status, json.dumps(body).encode(), headers)

    async def begin(self) -> None:
        """Begin a stream of events."""
        await self._head(200, {"content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked"})

    async def write(self, data: bytes) -> None:
        """Send a part of the stream in a packet of its own."""
        await self._write(b"%x\r\n%s\r\n" % (len(data), data))
        await asyncio.sleep(self.pace)

    async def end(self) -> None:
        await self._write(b"0\r\n\r\n")

    def cut(self) -> None:
        """Drop the line without a word."""
        self.is_cut = True
        self._writer.transport.abort()

    async def hang(self) -> None:
        """Say nothing until the client has enough."""
        await asyncio.Event().wait()

    async def _head(self, status: int, headers: dict[str, str]) -> None:
        # The cookie is what a vendor's edge sets; whoever sends it back can be followed from request to request.
        given = {"content-type": "application/json", "set-cookie": "__edge=1; path=/", "request-id": "req_01Stub"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in (given | headers).items())
        reason = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Overloaded"
        await self._write(f"HTTP/1.1 {status} {reason}\r\n{lines}\r\n".encode())

    async def _write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()


@dataclass(frozen=True)
class Call:
    """What a scenario gets; `number` counts the requests of that scenario from 1."""

    request: Received
    reply: Reply
    number: int


Scenario = Callable[[Call], Awaitable[None]]


class StandIn(ABC):
    """One vendor; `async with` it. `scenario` is played unless the last user text names another one by a marker."""

    name: ClassVar[str]
    key: str
    base_path: ClassVar[str] = ""
    scenarios: ClassVar[dict[str, Scenario]]

    def __init__(self, scenario: str = "ok", *, pace: float = 0.0, port: int = 0) -> None:
        self.scenario = scenario
        self.pace = pace  # seconds after each packet
        self.requests: list[Received] = []
        self.violations: list[str] = []
        self.left = 0  # clients that went away in the middle of an answer
        self.connections = 0
        self._port = port
        self._news = asyncio.Event()
        self._played: Counter[str] = Counter()
        self._lines: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}{self.base_path}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait at most five seconds for something that a client causes."""
        async with asyncio.timeout(5):
            while not is_so():
                self._news.clear()
                await self._news.wait()

    @abstractmethod
    def problem_of(self, request: Received) -> Problem | None:
        """Give what the vendor, or the promise, has against a request."""

    @abstractmethod
    async def refuse(self, reply: Reply, problem: Problem) -> None:
        """Answer with the vendor's error body."""

    async def answer(self, request: Received, reply: Reply) -> None:
        self.requests.append(request)
        self._news.set()
        problem = self.problem_of(request)
        name = "" if problem else marker_of(request.body) or self.scenario
        if problem is None and name not in self.scenarios:
            problem = Problem(400, "invalid_request_error", f"no such scenario: {name}", is_violation=True)
        if problem is None:
            self._played[name] += 1
            await self.scenarios[name](Call(request, reply, self._played[name]))
            return
        if problem.is_violation:
            self.violations.append(problem.message)
        await self.refuse(reply, problem)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line is not None
        self._lines.add(line)
        self.connections += 1
        try:
            await self._talk(reader, writer)
        except (asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._lines.discard(line)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ahead: bytes | None = b""
        while ahead is not None:
            request = await _receive(reader, ahead)
            ahead = await self._exchange(request, reader, Reply(writer, self.pace))
            self._news.set()

    async def _exchange(self, request: Received, reader: asyncio.StreamReader, reply: Reply) -> bytes | None:
        """Answer one request; gives the first byte of the next one, None when there will be none."""
        # A client sends nothing while it waits, so a byte that comes is the next request, and no byte is the end.
        next_byte = asyncio.create_task(reader.read(1))
        work = asyncio.create_task(self._control(request, reply))
        try:
            await asyncio.wait({next_byte, work}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done() or isinstance(work.exception(), ConnectionError):
                self.left += 1
                return None
            await work
            return None if reply.is_cut else await next_byte
        finally:
            next_byte.cancel()
            work.cancel()

    async def _control(self, request: Received, reply: Reply) -> None:
        """Answer, or let another process choose the scenario and look at what came in."""
        if request.path == "/__control":
            self.scenario = request.body.get("scenario", self.scenario)
            self.pace = request.body.get("pace", self.pace)
            await reply.send_json(200, {})
        elif request.path == "/__requests":
            seen = [{"path": each.path, "headers": each.headers, "body": each.body} for each in self.requests]
            await reply.send_json(200, {"requests": seen, "violations": self.violations})
        else:
            await self.answer(request, reply)


async def _receive(reader: asyncio.StreamReader, ahead: bytes) -> Received:
    head = (ahead + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    raw = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, path, headers, raw)


def marker_of(body: Mapping[str, Any]) -> str:
    """Give the scenario that the last user text names, if any."""
    texts = [str(each["content"]) for each in body.get("messages", []) if each["role"] == "user"]
    found = MARKER.search(texts[-1]) if texts else None
    return found[1] if found else ""


def serve(vendor: type[StandIn]) -> None:
    """Run a stand-in as a process until it is interrupted."""
    parser = argparse.ArgumentParser(description=vendor.__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--scenario", default="ok", choices=sorted(vendor.scenarios))
    parser.add_argument("--pace", type=float, default=0.02, help="seconds between two packets")
    chosen = parser.parse_args()
    asyncio.run(_serve_for_ever(vendor(chosen.scenario, pace=chosen.pace, port=chosen.port)))


async def _serve_for_ever(stand_in: StandIn) -> None:
    async with stand_in:
        sys.stdout.write(f"{stand_in.name}: {stand_in.url} key {stand_in.key}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()
