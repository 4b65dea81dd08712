"""The load client's scenarios; each takes plain values and gives plain values, so that they travel as JSON."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench import targets
from bench.direct import Direct
from bench.figures import percentile
from bench.gauge import Gauge
from bench.lines import Line, ReplyFailed
from bench.recipe import Recipe
from bench.talks import Question, Talk
from bench.targets import AT_ONCE, Doors, Target
from bench.usage import cpu_seconds, resident_kib

BEGIN_SECONDS = 120.0
END_SECONDS = 60.0
SMALL_TALK = "How does a river find its way to the sea, and who counts the boats? "
LEAVE = 8  # sockets that are opened before memory is looked at, for what is made only once


@dataclass(frozen=True, slots=True)
class Reading:
    """One window: processor seconds of the relay and of the client, tokens, and how old they were when they came."""

    tokens: int
    seconds: float
    relay_cpu: float
    own_cpu: float
    p50_ms: float
    p99_ms: float
    silences: int
    own_delays: int


class Load:
    """All scenarios share the people and the connection to the upstream."""

    def __init__(self, direct: Direct) -> None:
        self._direct = direct
        self._doors = Doors()

    async def relay(self, target: Target, streams: int, recipe: Recipe, window: float, is_html: bool) -> Reading:
        """Hold so many streams at once and read one window, once all have begun and settled."""
        gauge = Gauge()
        gauge.prepare(recipe)
        talks = await self._doors.open(target, streams, gauge)
        try:
            lines = await _begin(talks, Question(SMALL_TALK + recipe.mark(), is_html))
            await asyncio.sleep(min(1.0, window / 3))
            reading = await self._window(target, gauge, window)
            _require_running(lines)
            return reading
        finally:
            await targets.close(talks)

    async def _window(self, target: Target, gauge: Gauge, seconds: float) -> Reading:
        watch = asyncio.create_task(gauge.watch_self())
        sent, began = await self._direct.sent(), time.monotonic()
        relay, own = cpu_seconds(target.pid), time.process_time()
        gauge.begin()
        gauge.is_open = True
        await asyncio.sleep(seconds)
        gauge.is_open = False
        relay, own, passed = cpu_seconds(target.pid) - relay, time.process_time() - own, time.monotonic() - began
        watch.cancel()
        # Formatted replies carry no clock: there the upstream says how many tokens it was.
        tokens = len(gauge.ages) or await self._direct.sent() - sent
        middle, worst = (percentile(gauge.ages, part) / 1_000 for part in (50, 99))
        return Reading(tokens, passed, relay, own, middle, worst, len(gauge.silences), gauge.own_delays)

    async def flood(self, target: Target, streams: int, recipe: Recipe) -> dict[str, float]:
        """Let the upstream say it all at once, and give tokens a second from the first to the last that came.

        All streams begin together, after `first_us`; nothing is stopped, because buffers would take their time.
        """
        gauge = Gauge()
        gauge.prepare(recipe)
        gauge.is_open = True
        talks = await self._doors.open(target, streams, gauge)
        lines = [talk.ask(Question(SMALL_TALK + recipe.mark())) for talk in talks]
        async with asyncio.timeout(BEGIN_SECONDS):
            await asyncio.gather(*(line.ended for line in lines))
        seconds = (max(line.last_us for line in lines) - min(line.first_us for line in lines)) / 1e6
        await targets.close(talks)
        return {"tokens": len(gauge.ages), "seconds": seconds}

    async def warm_up(self, target: Target, recipe: Recipe) -> None:
        """Ask a few questions first: what a process does only once is not what a person meets."""
        talks = await self._doors.open(target, LEAVE, Gauge())
        await _begin(talks, Question(SMALL_TALK + recipe.mark()))
        await targets.close(talks)

    async def first_tokens(self, relays: Sequence[Target], rounds: int, recipe: Recipe) -> dict[str, list[float]]:
        """Ask directly and through each relay in turn; gives milliseconds to the first token by name.

        Every socket asks twice: a new conversation, and one more turn in it.
        """
        talks = {one.name: await self._doors.open(one, (rounds + 1) // 2, Gauge()) for one in relays}
        found: dict[str, list[float]] = {"direct": [], **{name: [] for name in talks}}
        for number in range(rounds):
            found["direct"].append(await self._direct.first_token_us(recipe) / 1_000)
            for name, sockets in talks.items():
                socket = sockets[number % len(sockets)]
                line = socket.ask(Question(SMALL_TALK + recipe.mark(), continues=number >= len(sockets)))
                await asyncio.wait_for(line.ended, END_SECONDS)
                found[name].append(line.first_token_us / 1_000)
                await asyncio.sleep(0.02)
        for sockets in talks.values():
            await targets.close(sockets)
        return found

    async def messages(self, target: Target, count: int, at_once: int, recipe: Recipe) -> dict[str, float]:
        """Send many questions with tiny replies; gives the relay's processor time and the time it took."""
        talks = await self._doors.open(target, max(at_once, -(-count // 3)), Gauge())
        gate, locks = asyncio.Semaphore(at_once), [asyncio.Lock() for _ in talks]

        async def one(number: int) -> None:
            async with locks[number % len(talks)], gate:  # a conversation takes the next question after its reply
                question = Question(SMALL_TALK + recipe.mark(), continues=number >= len(talks))
                await asyncio.wait_for(talks[number % len(talks)].ask(question).ended, END_SECONDS)

        began, cpu = time.monotonic(), cpu_seconds(target.pid)
        await asyncio.gather(*(one(number) for number in range(count)))
        used = {"seconds": time.monotonic() - began, "cpu": cpu_seconds(target.pid) - cpu}
        await targets.close(talks)
        return used

    async def memory(self, target: Target, count: int, recipe: Recipe, seconds: float) -> dict[str, float]:
        """Give KiB of the relay per idle socket, and per stream on top of its socket."""
        gauge = Gauge()
        first = await self._doors.open(target, LEAVE, gauge)
        await _begin(first, Question(SMALL_TALK + recipe.mark()))
        await asyncio.sleep(1)
        empty = resident_kib(target.pid)
        talks = await self._doors.open(target, count, gauge)
        await asyncio.sleep(1)
        idle = resident_kib(target.pid)
        await _begin(talks, Question(SMALL_TALK + recipe.mark()))
        await asyncio.sleep(seconds)
        streaming = resident_kib(target.pid)
        await targets.close([*first, *talks])
        return {"idle": (idle - empty) / count, "stream": (streaming - idle) / count}

    async def deaf(self, target: Target, count: int, recipe: Recipe) -> dict[str, float]:
        """Give KiB per follower that stops reading, and per follower that reads.

        All follow one reply, whose own memory so weighs little against theirs. The readers come twice: what the first
        pass leaves free would otherwise be taken for a gain.
        """
        person = target.of(target.cookies[-1:])
        await self._pour(person, count, recipe, is_deaf=False)
        heard = await self._pour(person, count, recipe, is_deaf=False)
        unheard = await self._pour(person, count, recipe, is_deaf=True)
        return {"reads": heard / count, "deaf": unheard / count}

    async def _pour(self, target: Target, count: int, recipe: Recipe, *, is_deaf: bool) -> int:
        (speaker,) = await self._doors.open(target, 1, Gauge())
        followers = await self._doors.open(target, count, Gauge(), is_deaf=is_deaf)
        before = resident_kib(target.pid)
        line = speaker.ask(Question(SMALL_TALK + recipe.mark()))
        await asyncio.wait_for(line.accepted, END_SECONDS)
        for talk in followers:
            await asyncio.wait_for(talk.follow(line.run).accepted, END_SECONDS)
            if is_deaf:
                talk.transport.underlying_transport.pause_reading()
        await asyncio.wait_for(line.came(recipe.tokens * recipe.size * 3 // 4), END_SECONDS)
        grown = resident_kib(target.pid) - before  # in the middle: what the end of a reply takes is another matter
        speaker.stop()
        await asyncio.wait_for(line.ended, END_SECONDS)
        for talk in (speaker, *followers):
            talk.transport.disconnect(graceful=False)
        await asyncio.sleep(1)
        return grown


async def _begin(talks: Sequence[Talk], question: Question) -> list[Line]:
    """Ask on every socket, a few at a time, and wait for every first token."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(talk: Talk) -> Line:
        async with gate:
            line = talk.ask(question)
            await line.begun
            return line

    async with asyncio.timeout(BEGIN_SECONDS):
        return list(await asyncio.gather(*(one(talk) for talk in talks)))


def _require_running(lines: Sequence[Line]) -> None:
    """Raise what broke a stream; one that just ended was asked for too few tokens."""
    for line in lines:
        if line.ended.done():
            line.ended.result()
            raise ReplyFailed("it ended before the window did")


COMMANDS = ("relay", "flood", "warm_up", "first_tokens", "messages", "memory", "deaf")


def plain(answer: Any) -> Any:
    """Give an answer as JSON takes it."""
    return asdict(answer) if isinstance(answer, Reading) else answer
