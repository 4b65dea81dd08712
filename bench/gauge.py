"""What the load client sees in one window: tokens, their ages, and silences of the relay."""

from __future__ import annotations

import asyncio

from bench.clock import SMALLEST, ages, now_us
from bench.recipe import Recipe

SILENCE_US = 100_000
TICK = 0.02  # seconds
OWN_DELAY_US = 50_000  # a client that was itself away for so long cannot say that the relay was silent


class Gauge:
    """Takes every text of every stream; keeps ages only while it is open."""

    def __init__(self) -> None:
        self.size = SMALLEST
        self.has_clock = True
        self.is_open = False
        self.begin()

    def begin(self) -> None:
        """Forget everything and measure from now on."""
        self.ages: list[int] = []
        self.silences: list[int] = []
        self.own_delays = 0
        self._last = self._ticked = now_us()

    def prepare(self, recipe: Recipe) -> None:
        """Say what the tokens will look like."""
        self.size, self.has_clock = recipe.size, not recipe.prose

    def take(self, text: str) -> None:
        """Note one frame's tokens. A silence counts when the token that ended it had been sent before or in it."""
        if not self.is_open or not self.has_clock:
            return
        now = now_us()
        fresh = ages(text, self.size, now)
        if now - self._last > SILENCE_US and fresh[0] > SILENCE_US:
            self.silences.append(now - self._last)
        self._last = now
        self.ages += fresh

    async def watch_self(self) -> None:
        """Tick for ever; a late tick is this process's own fault and pardons the silence before it."""
        while True:
            await asyncio.sleep(TICK)
            now = now_us()
            if now - self._ticked > TICK * 1e6 + OWN_DELAY_US:
                self.own_delays += 1
                self._last = now
            self._ticked = now
