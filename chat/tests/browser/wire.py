"""The cable between a browser and the site, which a test can cut and mend."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Event

from chat.tests.browser.backstage import PATIENCE, Backstage


class Wire:
    """Passes every byte on to a port; while it is cut, all connections break and new ones break at once.

    While it is muted, what the site says is lost; such connections are good for nothing but to be cut.
    """

    def __init__(self, backstage: Backstage, port: int) -> None:
        self._backstage = backstage
        self._target = port
        self._is_cut = False
        self._is_muted = False
        self._loss = Event()
        self._ends: set[asyncio.StreamWriter] = set()
        self._lines: set[asyncio.Task[None]] = set()
        self._server = backstage.run(asyncio.start_server(self._serve, "127.0.0.1"))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self) -> None:
        self._backstage.call(self._cut)

    def mute(self) -> None:
        self._is_muted = True

    def wait_for_loss(self) -> None:
        """Wait until the site said something that got lost."""
        assert self._loss.wait(PATIENCE)

    def mend(self) -> None:
        self._is_cut = self._is_muted = False

    def close(self) -> None:
        self._backstage.run(self._close())

    def _cut(self) -> None:
        self._is_cut = True
        for end in self._ends:
            end.transport.abort()

    async def _close(self) -> None:
        self._server.close()
        self._cut()
        await asyncio.gather(*self._lines)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line is not None
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)
        if self._is_cut:
            writer.transport.abort()
            return
        to_site = await asyncio.open_connection("127.0.0.1", self._target)
        self._ends |= {writer, to_site[1]}
        await asyncio.gather(_pass_on(reader, to_site[1]), _pass_on(to_site[0], writer, self._is_lost))
        self._ends -= {writer, to_site[1]}

    def _is_lost(self) -> bool:
        if self._is_muted:
            self._loss.set()
        return self._is_muted


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, is_lost: Callable[[], bool] = lambda: False
) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65_536):
            if not is_lost():
                writer.write(data)
                await writer.drain()
    writer.close()
