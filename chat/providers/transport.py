"""The HTTP client that the model SDKs are given: here it is decided what leaves the house, whatever an SDK adds."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import aiohttp
import httpx2

PASSED_HEADERS = frozenset({"content-type", "content-length", "authorization", "anthropic-version"})
OWN_HEADERS = {"accept": "text/event-stream", "accept-encoding": "identity", "user-agent": "caicaini"}

CONTENT = "caicaini.content"  # extension of a response: aiohttp's reader of its body

MAX_CONNECTIONS = 4_000  # one for each running stream; the SDKs' 1,000 would make the 1,001st wait without a word
KEEP_ALIVE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long the wire may be silent, in seconds; `silence` bounds the wait for the first byte too."""

    silence: float
    connect: float = 5.0
    write: float = 30.0

    def as_httpx(self) -> httpx2.Timeout:
        # Over aiohttp "pool" is the wait for a free connection and the connecting, together.
        return httpx2.Timeout(connect=self.connect, read=self.silence, write=self.write, pool=2 * self.connect)


class Bridge(Protocol):
    """Makes the transport over aiohttp that each SDK brings along."""

    def __call__(
        self, *, verify: ssl.SSLContext, client: Callable[[], aiohttp.ClientSession]
    ) -> httpx2.AsyncBaseTransport:
        """Make a transport that opens its session by calling `client` at the first request."""
        ...


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Sends the address, the listed headers and the body, and nothing else (promise P07).

    The SDKs add a dozen headers about this machine, headers named in environment variables, and the cookies that the
    vendor's edge sets; the SDKs also read their own headers back, so the last gate is here and not at the client.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport, *, is_signed: bool) -> None:
        self._inner = inner
        self._passed = PASSED_HEADERS if is_signed else PASSED_HEADERS - {"authorization"}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        headers = {name: value for name, value in request.headers.items() if name in self._passed}
        response = await self._inner.handle_async_request(
            httpx2.Request(
                request.method,
                request.url,
                headers={**headers, **OWN_HEADERS},
                content=await request.aread(),
                extensions=request.extensions,
            )
        )
        if source := getattr(response.stream, "_aiohttp_response", None):  # should it be called otherwise one day,
            response.extensions[CONTENT] = source.content  # the response's public iterators do
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


def client(bridge: Bridge, timeouts: Timeouts, *, is_signed: bool = True) -> httpx2.AsyncClient:
    """Make the one client of a provider and process: follows no redirect (it would carry the prompt to another host).

    Proxies, certificates and passwords named in the environment are left alone: `trust_env` is off everywhere.
    """

    def open_session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=MAX_CONNECTIONS, keepalive_timeout=KEEP_ALIVE_SECONDS, ssl=_tls())
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    return httpx2.AsyncClient(
        transport=GuardedTransport(bridge(verify=_tls(), client=open_session), is_signed=is_signed),
        timeout=timeouts.as_httpx(),
        follow_redirects=False,
        trust_env=False,
    )


@cache
def _tls() -> ssl.SSLContext:
    return httpx2.create_ssl_context(trust_env=False)  # reads all root certificates: some 50 ms


def silence_loggers(*names: str) -> None:
    """Keep an SDK from logging whole prompts, which it does at DEBUG and an environment variable can switch on."""
    for name in names:
        logging.getLogger(name).setLevel(logging.WARNING)
