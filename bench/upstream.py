"""The stand-in for the model vendors: a process of its own that streams what each request's mark asks for.

It must cost next to nothing, because it shares a core with the load client: no HTTP library, frames encoded before.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from typing import cast

import uvloop

from bench.clock import SMALLEST, stamp
from bench.dialects import HEAD, LAST_CHUNK, Dialect, dialect_of
from bench.recipe import Recipe, recipe_of

HOST = "127.0.0.1"
LENGTH = b"content-length:"
GREEDY_WRITES = 8  # at most so many writes in a row before other connections have their turn


class Counter:
    """Tokens written since the start, by all connections together."""

    sent = 0


class Connection(asyncio.Protocol):
    """One kept-alive connection: reads a request, streams its reply, and again."""

    def __init__(self) -> None:
        self._buffer = b""
        self._is_paused = False
        self._timer: asyncio.TimerHandle | asyncio.Handle | None = None
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer:
            self._timer.cancel()

    def pause_writing(self) -> None:
        self._is_paused = True

    def resume_writing(self) -> None:
        self._is_paused = False

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, blank, body = self._buffer.partition(b"\r\n\r\n")
        if not blank or len(body) < _length(head):
            return
        self._buffer = b""
        method, path, _rest = head.split(b" ", 2)
        if method == b"GET":
            self._tell({"sent": Counter.sent, "data": [{"id": "bench"}]})
        else:
            self._begin(recipe_of(body), dialect_of(path.partition(b"?")[0]))

    def _tell(self, facts: dict[str, object]) -> None:
        """Answer any GET alike: with the count of tokens, and with the list of models as OpenAI's servers give it."""
        body = json.dumps(facts).encode()
        self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))

    def _begin(self, recipe: Recipe, dialect: Dialect) -> None:
        self._recipe, self._dialect, self._left, self._at = recipe, dialect, recipe.tokens, 0
        self._before, self._after = dialect.halves(max(recipe.size, SMALLEST))
        self._transport.write(HEAD + dialect.start)
        self._due = self._loop.time() + recipe.first_us / 1e6
        self._timer = self._loop.call_at(self._due, self._tick)

    def _tick(self) -> None:
        """Write what is due; the next time is reckoned from the last, so that a late write delays no other."""
        writes = 1 if self._recipe.interval_us else GREEDY_WRITES
        while writes and self._left and not self._is_paused:
            writes -= 1
            self._write()
        if not self._left:
            self._transport.write(self._dialect.end + LAST_CHUNK)
            return
        self._due += self._recipe.interval_us / 1e6
        self._timer = self._loop.call_at(max(self._due, self._next_look()), self._tick)

    def _next_look(self) -> float:
        # A full buffer is looked at again in a millisecond: the loop must not spin while a relay does not read.
        return self._loop.time() + 0.001 if self._is_paused else 0.0

    def _write(self) -> None:
        count = min(self._recipe.burst, self._left)
        self._left -= count
        Counter.sent += count
        if self._recipe.prose:
            self._transport.write(b"".join(self._prose(count)))
            return
        token = self._before + stamp(max(self._recipe.size, SMALLEST)) + self._after
        self._transport.write(token if count == 1 else token * count)

    def _prose(self, count: int) -> list[bytes]:
        chunks = self._dialect.prose()
        self._at += count
        return [chunks[at % len(chunks)] for at in range(self._at - count, self._at)]


def _length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return next((int(line.removeprefix(LENGTH)) for line in lines if line.startswith(LENGTH)), 0)


async def serve() -> None:
    """Say the port on standard output and serve until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, HOST, 0, backlog=2_048)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    gc.collect()
    gc.freeze()
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(serve())
