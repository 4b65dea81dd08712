"""What is put under load, as the client is told of it: address, protocol, process, and whose sockets they are."""

from __future__ import annotations

import asyncio
import itertools
import socket
import time
from collections.abc import Iterator, Sequence

import msgspec
from picows import ws_connect

from bench.gauge import Gauge
from bench.renewing import Jar
from bench.talks import ProductTalk, SimpleTalk, Talk

AT_ONCE = 8  # handshakes and first questions under way together
PATIENCE = 60.0  # seconds for a handshake
# Bytes. On loopback, where segments are large, the kernel takes 2.6 MB for a deaf client; on a real line far less.
LITTLE_BUFFER, LITTLE_SEGMENT = 16_384, 536


class Target(msgspec.Struct, frozen=True):
    """A relay. With `cookies` it is the product: one socket a person, persons in turn."""

    name: str
    port: int
    pid: int
    cookies: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/"

    def of(self, cookies: tuple[str, ...]) -> Target:
        """Give the same relay with people signed in."""
        return Target(self.name, self.port, self.pid, cookies)


class Doors:
    """Opens sockets; goes round all people, so that nobody's own limits are met."""

    def __init__(self) -> None:
        self._turns: dict[tuple[str, ...], Iterator[str]] = {}
        self._jars: dict[str, Jar] = {}
        self._began = time.monotonic()

    async def open(self, target: Target, count: int, gauge: Gauge, *, is_deaf: bool = False) -> list[Talk]:
        """Open so many sockets and wait until each may be used."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one() -> Talk:
            async with gate:
                return await self._open_one(target, gauge, is_deaf)

        return list(await asyncio.gather(*(one() for _ in range(count))))

    async def _open_one(self, target: Target, gauge: Gauge, is_deaf: bool) -> Talk:
        talk: Talk = ProductTalk(gauge) if target.cookies else SimpleTalk(gauge)
        await ws_connect(
            lambda: talk,
            target.url,
            extra_headers=await self._headers(target),
            websocket_handshake_timeout=PATIENCE,
            socket_factory=(lambda _url: _little_socket()) if is_deaf else None,
        )
        async with asyncio.timeout(PATIENCE):
            await talk.ready
        return talk

    async def _headers(self, target: Target) -> dict[str, str]:
        if not target.cookies:
            return {}
        turns = self._turns.setdefault(target.cookies, itertools.cycle(target.cookies))
        person = next(turns)
        jar = self._jars.setdefault(person, Jar(person, self._began))
        return {"Cookie": await jar.fresh(target.port), "Origin": f"http://127.0.0.1:{target.port}"}


def _little_socket() -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LITTLE_BUFFER)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, LITTLE_SEGMENT)
    made.setblocking(False)
    return made


async def close(talks: Sequence[Talk]) -> None:
    """Stop what runs, wait a little for it, hang up."""
    for talk in talks:
        talk.stop()
    pending = [line.ended for talk in talks for line in talk.lines.values() if not line.ended.done()]
    if pending:
        await asyncio.wait(pending, timeout=PATIENCE)
    for talk in talks:
        talk.transport.disconnect()
    await asyncio.sleep(0.2)
