"""Anthropic's stand-in with answers that go on until a test lets them end, and one that is very long."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from chat.tests.browser.backstage import Backstage
from chat.tests.standins.anthropic import AnthropicStandIn
from chat.tests.standins.anthropic_frames import block, changes, close, frame, problem, start, text
from chat.tests.standins.anthropic_scenarios import SCENARIOS
from chat.tests.standins.scenes import Scenes, play
from chat.tests.standins.server import Call

PACE = 0.02  # seconds between two words
BEGIN = (start(input_tokens=1_200), block(0, "text"))
END = (close(), changes("end_turn", output_tokens=9_000), frame("message_stop"))
FLOOD = [f"{number:06d} {'flood ' * 1_200}\n" for number in range(430)]  # 3.1 million characters
FLOODED = "".join(FLOOD)
OWN = Scenes()


@dataclass
class Answer:
    """One answer: how many words of it the vendor has sent, and whether it may end."""

    tag: str
    sent: int = 0
    is_released: bool = False

    def question(self, scenario: str) -> str:
        """Give the words that make the stand-in write this answer."""
        return f"{self.tag} [[scenario:{scenario}]]"

    @property
    def text(self) -> str:
        return words(self.sent)


def words(count: int) -> str:
    """Give so many words; each is its own number, so a gap or a repetition is no beginning of a longer answer."""
    return "".join(word(number) for number in range(1, count + 1))


def word(number: int) -> str:
    return f"{number} 河, "


ANSWERS: dict[str, Answer] = {}


async def write_words(call: Call) -> Answer:
    """Write word after word until the test lets the answer end."""
    answer = ANSWERS[str(call.request.body["messages"][-1]["content"]).split()[0]]
    await play(call, *BEGIN)
    while not answer.is_released:
        answer.sent += 1
        await call.reply.write(text(word(answer.sent)))
    return answer


@OWN.add("words")
async def _words(call: Call) -> None:
    await write_words(call)
    for packet in END:
        await call.reply.write(packet)
    await call.reply.end()


@OWN.add("words-drop")
async def _words_drop(call: Call) -> None:
    await write_words(call)
    call.reply.cut()


@OWN.add("words-half-a-character")
async def _words_half(call: Call) -> None:
    await write_words(call)
    whole = text("河")
    await call.reply.write(whole[: whole.index("河".encode()) + 1])
    call.reply.cut()


@OWN.add("words-error")
async def _words_error(call: Call) -> None:
    await write_words(call)
    await call.reply.write(problem("overloaded_error", "Overloaded"))
    await call.reply.end()


@OWN.add("words-hang")
async def _words_hang(call: Call) -> None:
    await write_words(call)
    await call.reply.hang()


@OWN.add("words-flood")
async def _words_flood(call: Call) -> None:
    await write_words(call)
    call.reply.pace = 0.0
    for packet in (*(text(piece) for piece in FLOOD), *END):
        await call.reply.write(packet)
    await call.reply.end()


class FaultProvider(AnthropicStandIn):
    """Plays the vendor's scenarios and these."""

    scenarios: ClassVar[Scenes] = Scenes({**SCENARIOS, **OWN})


class Provider:
    """The stand-in as tests hold it, backstage."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self._server = FaultProvider(pace=PACE)
        self._numbers: Iterator[int] = itertools.count(1)
        backstage.run(self._server.__aenter__())

    @property
    def environment(self) -> dict[str, str]:
        return {"ANTHROPIC_API_KEY": self._server.key, "ANTHROPIC_BASE_URL": self._server.url}

    @property
    def violations(self) -> list[str]:
        return self._server.violations

    def answer(self) -> Answer:
        """Make an answer that has not been asked for yet."""
        answer = Answer(f"answer{next(self._numbers)}")
        ANSWERS[answer.tag] = answer
        return answer

    def release(self) -> None:
        """Let every answer come to its end."""
        for answer in ANSWERS.values():
            answer.is_released = True

    def close(self) -> None:
        self.release()
        self._backstage.run(self._server.__aexit__(None, None, None))
