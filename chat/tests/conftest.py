"""A stand-in provider, sockets of the cast, and what every chat test asks of the database afterwards."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from channels.testing import WebsocketCommunicator
from django.test import Client
from django.utils import timezone

from accounts.models import User
from billing import proof
from billing import seeds as price_seeds
from caicaini import pool
from caicaini.routing import sockets
from chat import runs
from chat import seeds as model_seeds
from chat.providers import breaker, registry
from chat.replay import hub
from chat.tests.standins.anthropic import AnthropicStandIn

MODEL = "claude-haiku-5-5"
Frame = dict[str, Any]


class Socket:
    """One tab: sends frames, and reads what comes until something it waits for."""

    def __init__(self, communicator: Any) -> None:
        self._communicator = communicator
        self.seen: list[Frame] = []

    async def say(self, kind: str, **fields: Any) -> None:
        await self.raw(json.dumps({"v": 1, "type": kind, **fields}))

    async def raw(self, text: str) -> None:
        await self._communicator.send_to(text_data=text)

    async def hear(self, *kinds: str, seconds: float = 10) -> Frame:
        """Give the next frame of one of these kinds; all frames read on the way stay in `seen`."""
        async with asyncio.timeout(seconds):
            while True:
                frame: Frame = json.loads(await self._communicator.receive_from(timeout=seconds))
                self.seen.append(frame)
                if frame["type"] in kinds:
                    return frame

    async def closed(self) -> int:
        """Wait until the server closes; gives the code."""
        while True:
            message = await self._communicator.receive_output(timeout=5)
            if message["type"] == "websocket.close":
                return int(message["code"])
            self.seen.append(json.loads(message["text"]))

    async def send(self, text: str = "Name three rivers.", **fields: Any) -> Frame:
        """Send a message in a new conversation; gives `accepted` or `error`."""
        frame = {"id": "s", "request_id": str(uuid4()), "conversation": None, "model": MODEL, "text": text}
        await self.say("send", **{**frame, **fields})
        return await self.hear("accepted", "error")

    def text(self, run: str) -> str:
        """Join the text frames of one run, as a client does."""
        whole = ""
        for frame in self.seen:
            if frame.get("run") == run and frame["type"] in {"text", "snapshot"}:
                whole = frame["text"] if frame["type"] == "snapshot" else whole + frame["text"]
        return whole


Connect = Callable[..., AbstractAsyncContextManager[Socket]]


def headers_of(client: Client | None, origin: str = "http://testserver") -> list[tuple[bytes, bytes]]:
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items()) if client else ""
    headers = [(b"host", b"testserver"), (b"origin", origin.encode())]
    return [*headers, (b"cookie", cookies.encode())] if cookies else headers


async def close_code(headers: list[tuple[bytes, bytes]]) -> int:
    """Open a socket that is to be refused; gives the code. Lets the application end, as a server does after a close."""
    communicator = WebsocketCommunicator(sockets, "/ws/", headers)
    await communicator.connect(timeout=10)
    code = await Socket(communicator).closed()
    await communicator.disconnect()
    return code


@pytest.fixture(autouse=True)
def closed_breakers() -> Iterator[None]:
    """Forget what other tests' failing providers have done."""
    breaker.reset()
    yield
    breaker.reset()


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Give a context manager that opens a socket with a client's cookies and reads `ready`."""

    @asynccontextmanager
    async def opened(client: Client) -> AsyncIterator[Socket]:
        communicator = WebsocketCommunicator(sockets, "/ws/", headers_of(client))
        assert (await communicator.connect(timeout=10))[0]
        socket = Socket(communicator)
        await socket.hear("ready")
        try:
            yield socket
        finally:
            await communicator.disconnect()

    yield opened
    await hub.close()


@pytest.fixture
def catalogue(transactional_db: None) -> None:
    """Seed the models and their prices."""
    model_seeds.seed()
    price_seeds.seed(timezone.now())


@pytest.fixture
async def upstream(catalogue: None, settings: Any) -> AsyncIterator[AnthropicStandIn]:
    """Run a stand-in provider; afterwards every run has ended, every hold is settled and the books are right."""
    async with AnthropicStandIn() as standin:
        settings.ANTHROPIC_API_KEY, settings.ANTHROPIC_BASE_URL = standin.key, standin.url
        await asyncio.to_thread(registry.warm_up)  # seconds on a busy machine, which no test's deadline should pay for
        yield standin
        for live in runs.running():
            live.stop()
        await runs.settle_all()
        await hub.close()
        await registry.close_all()
        assert standin.violations == []
    assert await pool.run(lambda: list(proof.differences())) == []


Read = Callable[[Callable[[], Any]], Awaitable[Any]]


@pytest.fixture
def read() -> Read:
    """Give a function that asks the database from an async test."""
    return pool.run


@pytest.fixture
def ann_client(ann: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(ann)


@pytest.fixture
def bob_client(bob: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(bob)
