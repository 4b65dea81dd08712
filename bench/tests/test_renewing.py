"""People of the benchmark stay signed in: the refresh token is exchanged when it is time, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bench.lines import ReplyFailed
from bench.renewing import RENEW_AFTER, Jar

LONG_AGO = -2 * RENEW_AFTER
GIVEN = ["access=a2:x; Path=/; HttpOnly; SameSite=Lax", "refresh=r2; Path=/; Max-Age=1209600; HttpOnly"]


@asynccontextmanager
async def site(cookies: list[str], heard: list[str]) -> AsyncIterator[int]:
    """Serve one answer with these cookies to whoever asks; gives the port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append((await reader.readuntil(b"\r\n\r\n")).decode())
        lines = ["HTTP/1.1 204 No Content", *(f"Set-Cookie: {cookie}" for cookie in cookies), "", ""]
        writer.write("\r\n".join(lines).encode())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_young_tokens_are_left_alone() -> None:
    jar = Jar("access=a1; refresh=r1", asyncio.get_running_loop().time())
    assert await jar.fresh(1) == "access=a1; refresh=r1"  # nobody listens at port 1


async def test_old_ones_are_exchanged_once_for_all_who_ask() -> None:
    heard: list[str] = []
    async with site(GIVEN, heard) as port:
        jar = Jar("access=a1; refresh=r1", LONG_AGO)
        found = await asyncio.gather(*(jar.fresh(port) for _ in range(5)))
    assert set(found) == {"access=a2:x; refresh=r2"}
    assert len(heard) == 1
    assert heard[0].startswith("GET /account/refresh/ HTTP/1.1\r\n")
    assert "Cookie: refresh=r1\r\n" in heard[0]


async def test_a_refusal_is_told() -> None:
    async with site([], []) as port:
        with pytest.raises(ReplyFailed):
            await Jar("access=a1; refresh=r1", LONG_AGO).fresh(port)
