"""Scenarios by name, and the two ways of playing a stream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from chat.tests.standins.server import Call, Scenario


class Scenes(dict[str, Scenario]):
    """The scenarios of one vendor."""

    def add(self, name: str) -> Callable[[Scenario], Scenario]:
        """Register a function as a scenario."""

        def register(scenario: Scenario) -> Scenario:
            self[name] = scenario
            return scenario

        return register

    def stream(self, name: str, *frames: bytes) -> None:
        """Register a stream that ends as HTTP wants it, whatever its frames say."""

        async def scenario(call: Call) -> None:
            await play_out(call, *frames)

        self[name] = scenario


async def play(call: Call, *frames: bytes) -> None:
    """Send frames, each in a packet of its own, and leave the stream open."""
    await call.reply.begin()
    for each in frames:
        await call.reply.write(each)


async def play_out(call: Call, *frames: bytes) -> None:
    """Send frames and end the stream properly."""
    await play(call, *frames)
    await call.reply.end()


async def play_for_ever(call: Call, frame: bytes) -> None:
    """Send the same frame again and again after a stream's beginning."""
    while True:
        await call.reply.write(frame)
        await asyncio.sleep(0.01)
