"""One reply as the client sees it come in."""

from __future__ import annotations

import asyncio

from bench.clock import now_us


class ReplyFailed(Exception):
    """The relay refused or broke a reply; says with which code."""


class Line:
    """From the question to the end: `accepted` (the product only), `begun` and `ended` may fail with ReplyFailed."""

    __slots__ = (
        "accepted",
        "asked_us",
        "begun",
        "characters",
        "ended",
        "first_us",
        "last_us",
        "rest",
        "run",
        "unacknowledged",
    )

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.run = ""
        self.characters = 0
        self.unacknowledged = 0
        self.rest = ""  # the beginning of a token that the last frame cut
        self.asked_us = now_us()
        self.first_us = 0
        self.last_us = 0
        self.accepted: asyncio.Future[None] = loop.create_future()
        self.begun: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()

    def come(self) -> None:
        """Note that something came, the first token above all."""
        self.last_us = now_us()
        if not self.first_us:
            self.first_us = self.last_us
            _resolve(self.begun)

    def accept(self, run: str) -> None:
        """Note the run's id."""
        self.run = run
        _resolve(self.accepted)

    async def came(self, characters: int) -> None:
        """Wait until so much text is there; looks now and then, because every token passes here."""
        while self.characters < characters:  # noqa: ASYNC110
            await asyncio.sleep(0.02)

    def end(self) -> None:
        _resolve(self.begun)
        _resolve(self.ended)

    def fail(self, code: str) -> None:
        """End all with the code; marked as seen, because nobody may be waiting."""
        for future in (self.accepted, self.begun, self.ended):
            if not future.done():
                future.set_exception(ReplyFailed(code))
                future.exception()

    @property
    def first_token_us(self) -> int:
        return self.first_us - self.asked_us


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
