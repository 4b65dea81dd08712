"""A program that reads one reply: it speaks docs/protocol.md, and goes on elsewhere when its socket breaks."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from chat.tests.browser.backstage import Backstage
from tools.ports import HOST

MODEL = "claude-haiku-5-5"
PAUSE = 0.05  # seconds before the next try
Frame = dict[str, Any]


class Reader:
    """Lives backstage; a test looks at what it has. `ports` are the web processes that it tries in turn."""

    def __init__(self, backstage: Backstage, cookies: dict[str, str], ports: Sequence[int]) -> None:
        self.text = ""
        self.seq = 0
        self.run = ""
        self.conversation = ""
        self.shown: list[tuple[float, int]] = []  # when how much of the text stood there
        self.ended: Frame | None = None
        self.ended_at = 0.0
        self.closes: list[tuple[int, int | None]] = []  # the port and the code of each socket that broke
        self.refusals: list[str] = []
        self.contradictions: list[str] = []
        self.opened = 0
        self.balances = 0
        self._backstage = backstage
        self._cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self._ports = deque(ports)
        self._send: Frame | None = None
        self._whole = ""
        self._unacknowledged = 0
        self._limit = 0
        self._line: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._may_read = asyncio.Event()
        self._may_read.set()

    # What tests call, from their own thread.

    def ask(self, text: str) -> None:
        """Send a message and read the answer."""
        self._send = {
            "type": "send",
            "id": "send",
            "request_id": str(uuid4()),
            "conversation": None,
            "model": MODEL,
            "text": text,
        }
        self._begin()

    def follow(self, run: str) -> None:
        """Read the answer of a run that there is."""
        self.run = run
        self._begin()

    def say(self, kind: str, **fields: Any) -> None:
        """Send a frame on the socket that is open."""
        self._backstage.run(self._say(kind, **fields))

    def sleep(self) -> None:
        """Stop reading, and with it acknowledging; the socket stays."""
        self._backstage.call(self._may_read.clear)

    def wake(self) -> None:
        """Read again."""
        self._backstage.call(self._may_read.set)

    def break_line(self) -> None:
        """Drop the socket without a word; the reader opens another one."""
        self._backstage.call(self._break)

    def close(self) -> None:
        self._backstage.run(self._end())

    def text_before(self, moment: float) -> str:
        """Give what stood there at a moment."""
        return self._whole[: max((length for at, length in self.shown if at <= moment), default=0)]

    @property
    def is_open(self) -> bool:
        return self._line is not None

    # What goes on backstage.

    def _begin(self) -> None:
        def begun() -> None:
            self._task = asyncio.get_running_loop().create_task(self._live())

        self._backstage.call(begun)

    async def _end(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _live(self) -> None:
        while self.ended is None:
            port = self._ports[0]
            try:
                await self._visit(port)
            except (OSError, WebSocketException):
                self._ports.rotate(-1)
                await asyncio.sleep(PAUSE)
            finally:
                if self._line and self.ended is None:
                    self.closes.append((port, self._line.close_code))
                self._line = None

    async def _visit(self, port: int) -> None:
        headers = {"Cookie": self._cookie}
        async with connect(
            f"ws://{HOST}:{port}/ws/",
            origin=f"http://{HOST}:{port}",  # type: ignore[arg-type]  # a NewType of str
            additional_headers=headers,
            compression=None,
            ping_interval=None,  # one that does not read would end its own socket
            max_size=None,
            proxy=None,
            close_timeout=1,
        ) as self._line:
            while self.ended is None:
                await self._may_read.wait()
                data = await self._line.recv()
                await self._take(json.loads(data), len(data.encode() if isinstance(data, str) else data))

    async def _take(self, frame: Frame, size: int) -> None:
        match frame["type"]:
            case "ready":
                self.opened += 1
                self._limit, self._unacknowledged = frame["limits"]["unacknowledged_bytes"], 0
                await self._go_on()
            case "balance":
                self.balances += 1
            case "accepted":
                self.run, self.conversation = frame["run"], frame["conversation"]
            case "text" | "snapshot" if frame["run"] == self.run:
                self._read(frame)
                await self._acknowledge(size)
            case "ended" if frame["run"] == self.run:
                self.ended, self.ended_at = frame, time.monotonic()
            case "error":
                self.refusals.append(frame["code"])
                await asyncio.sleep(0.5)
                await self._go_on()

    async def _go_on(self) -> None:
        """Send what was never accepted, with the same request_id; else follow from the last number on."""
        if not self.run:
            assert self._send
            await self._say(**self._send)
            return
        if self.seq == 0:
            self.text = ""
        await self._say("follow", id="follow", run=self.run, after=self.seq)

    def _read(self, frame: Frame) -> None:
        if frame["type"] == "snapshot":
            self.text, self.seq = frame["text"], 0
        else:
            self.text += frame["text"]
        self.seq = frame["seq"]  # 0 within a snapshot in several frames
        if not self.seq:
            return
        if not self.text.startswith(self._whole):
            self.contradictions.append(f"{frame['type']} {self.seq}: {self._whole[-30:]!r} became {self.text[-30:]!r}")
        self._whole = self.text
        self.shown.append((time.monotonic(), len(self.text)))

    async def _acknowledge(self, size: int) -> None:
        self._unacknowledged += size
        if self._unacknowledged > self._limit / 4:
            self._unacknowledged = 0
            await self._say("ack", run=self.run, seq=self.seq)

    async def _say(self, type: str, **fields: Any) -> None:  # noqa: A002
        assert self._line
        await self._line.send(json.dumps({"v": 1, "type": type, **fields}))

    def _break(self) -> None:
        if self._line:
            self._line.transport.abort()
