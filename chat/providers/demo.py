"""The built-in demo model: no AI, calls nobody; plays a script that the last message names, every time the same."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import replace

from chat.providers import demo_scripts
from chat.providers.base import Event, Finish, FinishReason, ProviderError, Reasoning, Request, Text, Usage
from chat.providers.demo_scripts import Script

WORDS_AT_ONCE = 3
WORD = re.compile(r"\S{1,12}\s*|\s+")  # cut at twelve: a language without spaces comes in small pieces too
BYTES_PER_TOKEN = 4


def count_tokens(*texts: str) -> int:
    """Count by this model's own rule: one token for every four bytes of UTF-8, rounded up."""
    return -(-sum(len(text.encode(errors="replace")) for text in texts) // BYTES_PER_TOKEN)


class DemoProvider:
    """Streams at about the pace of a real model; `speed` multiplies it, so that tests need not wait."""

    name = "demo"

    def __init__(self, *, speed: float = 1.0, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._speed = speed
        self._sleep = sleep

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """Give the script's events; see `base.Provider`."""
        script = _within(demo_scripts.choose(request), request.max_output)
        if script.failure and not script.text:
            raise ProviderError(script.failure)
        size = count_tokens(request.system, *(turn.text for turn in request.turns))
        yield Usage(input=size, cached=0, cache_write=0, output=0)
        for piece in _pieces(script):
            await self._sleep(count_tokens(piece.text) / script.tokens_per_second / self._speed)
            yield piece
        if script.failure:
            raise ProviderError(script.failure)
        yield Usage(output=count_tokens(script.thinking, script.text))
        yield Finish(script.ending)

    async def close(self) -> None:
        """Do nothing: there is no connection."""


def _within(script: Script, max_output: int) -> Script:
    thinking = _cut(script.thinking, max_output * BYTES_PER_TOKEN)
    text = _cut(script.text, max_output * BYTES_PER_TOKEN - len(thinking.encode()))
    if (thinking, text) == (script.thinking, script.text):
        return script
    return replace(script, thinking=thinking, text=text, ending=FinishReason.LENGTH, failure=None)


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")


def _pieces(script: Script) -> Iterator[Reasoning | Text]:
    yield from map(Reasoning, _phrases(script.thinking))
    yield from map(Text, _phrases(script.text))


def _phrases(text: str) -> Iterator[str]:
    words = WORD.findall(text)
    for start in range(0, len(words), WORDS_AT_ONCE):
        yield "".join(words[start : start + WORDS_AT_ONCE])
