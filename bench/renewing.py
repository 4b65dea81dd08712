"""Keeps people signed in for longer than an access token lasts, as a browser does: the refresh token is exchanged."""

from __future__ import annotations

import asyncio
import time
from http.cookies import SimpleCookie

from bench.lines import ReplyFailed

RENEW_AFTER = 200.0  # seconds; an access token lasts 300, and a stream may need the rest
PATH = "/account/refresh/"


class Jar:
    """One person's cookies."""

    def __init__(self, cookies: str, began: float) -> None:
        self.header = cookies
        self._renewed_at = began
        self._lock = asyncio.Lock()

    async def fresh(self, port: int) -> str:
        """Give the header, after an exchange where it is time for one; raises ReplyFailed when that is refused."""
        async with self._lock:
            if time.monotonic() - self._renewed_at > RENEW_AFTER:
                self.header = await _renewed(port, self.header)
                self._renewed_at = time.monotonic()
            return self.header


async def _renewed(port: int, header: str) -> str:
    refresh = SimpleCookie(header)["refresh"].value
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: refresh={refresh}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode())
    answer = (await reader.read()).decode()
    writer.close()
    given = SimpleCookie()
    for line in answer.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "set-cookie":
            given.load(value.strip())
    if "access" not in given or "refresh" not in given:
        raise ReplyFailed("the tokens were not renewed")
    return "; ".join(f"{name}={given[name].value}" for name in ("access", "refresh"))
