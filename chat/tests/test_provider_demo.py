"""The demo model: honest, the same every time, and able to show everything that a page must be able to show."""

from __future__ import annotations

import re

import pytest

from chat.providers import demo_scripts
from chat.providers.base import Failure, FinishReason, Reasoning, Request, Role, Text, Turn, Usage
from chat.providers.demo import DemoProvider
from chat.providers.demo_scripts import Script
from chat.tests.reading import Read, read, request


class Clock:
    """Adds up what would have been slept."""

    def __init__(self) -> None:
        self.seconds = 0.0

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


async def ask(text: str, max_output: int = 4096) -> Read:
    return await read(DemoProvider(sleep=Clock().sleep).stream(request(text, "demo", max_output=max_output)))


async def test_says_plainly_that_it_is_no_ai_and_what_came_in() -> None:
    answer = await ask("Good morning, machine.")
    assert "not an AI" in answer.text
    assert "22 characters, 3 words" in answer.text
    assert answer.finish is FinishReason.DONE


async def test_every_word_that_it_offers_does_something_else() -> None:
    default = (await ask("hello")).text
    offered = [word for line in default.splitlines() if line.startswith("- ") for word in re.findall("`(.+?)`", line)]
    assert len(offered) == 11
    answers = [await ask(word) for word in offered]
    endings = {(answer.text, answer.finish, answer.failure and answer.failure.kind) for answer in answers}
    assert len(endings) == len(offered)
    assert default not in {text for text, _, _ in endings}


@pytest.mark.parametrize(
    ("word", "shape"),
    [
        ("headings", r"(?ms)^# .*^## .*^### .*^> "),
        ("Some CODE, please!", r"(?s)```python\n.+```"),
        ("table", r"(?m)^\|---\|"),
        ("maths", r"(?s)\$[^$]+\$.*\$\$\n.+\n\$\$"),
        ("math", r"\\sqrt"),
    ],
)
async def test_word_brings_its_shape(word: str, shape: str) -> None:
    assert re.search(shape, (await ask(word)).text)


async def test_only_the_last_user_turn_chooses() -> None:
    turns = (Turn(Role.USER, "fail"), Turn(Role.ASSISTANT, "table"), Turn(Role.USER, "hello"))
    asked = Request(model="demo", turns=turns, max_output=4096)
    assert "not an AI" in (await read(DemoProvider(speed=1e9).stream(asked))).text


async def test_word_inside_another_does_not_choose() -> None:
    assert "not an AI" in (await ask("The longest failure was unreadable")).text


async def test_same_message_gives_the_same_events() -> None:
    assert (await ask("headings")).events == (await ask("headings")).events


async def test_usage_counts_four_bytes_as_a_token() -> None:
    asked = Request(model="demo", system="ab", turns=(Turn(Role.USER, "河河"), Turn(Role.USER, "x")), max_output=4096)
    answer = await read(DemoProvider(speed=1e9).stream(asked))
    assert answer.events[0] == Usage(input=3, cached=0, cache_write=0, output=0)
    assert answer.usage.output == -(-len(answer.text.encode()) // 4)


async def test_limit_cuts_the_answer() -> None:
    answer = await ask("headings", max_output=10)
    assert answer.finish is FinishReason.LENGTH
    assert answer.usage.output == 10
    assert len(answer.text.encode()) == 40


async def test_limit_counts_the_thinking_too() -> None:
    answer = await ask("thinking", max_output=10)
    assert (answer.finish, answer.text, answer.usage.output) == (FinishReason.LENGTH, "", 10)


async def test_thinking_comes_before_the_text() -> None:
    kinds = [type(event) for event in (await ask("thinking")).events]
    assert kinds.index(Reasoning) < kinds.index(Text)
    assert Reasoning not in kinds[kinds.index(Text) :]


async def test_length_ends_at_a_limit_and_refuse_says_nothing() -> None:
    assert (await ask("length")).finish is FinishReason.LENGTH
    refusal = await ask("refuse")
    assert (refusal.text, refusal.finish) == ("", FinishReason.REFUSED)


async def test_fail_gives_nothing_and_fail_midway_some_text() -> None:
    at_once, midway = await ask("fail"), await ask("fail midway")
    assert at_once.failure is not None
    assert (at_once.failure.kind, at_once.events) == (Failure.UNAVAILABLE, [])
    assert midway.failure is not None
    assert midway.failure.kind is Failure.BROKEN
    assert midway.text
    assert midway.usage.input == 3


@pytest.mark.parametrize(("word", "least", "most"), [("slow", 25, 35), ("long", 3, 10), ("headings", 3, 8)])
async def test_pace_is_that_of_a_model(word: str, least: float, most: float) -> None:
    clock = Clock()
    answer = await read(DemoProvider(sleep=clock.sleep).stream(request(word)))
    assert answer.failure is None
    assert least < clock.seconds < most


async def test_speed_shortens_every_pause() -> None:
    clock = Clock()
    await read(DemoProvider(speed=100, sleep=clock.sleep).stream(request("slow")))
    assert clock.seconds < 0.4


async def test_long_has_about_1500_words_in_small_pieces() -> None:
    answer = await ask("long")
    assert 1_350 < len(answer.text.split()) < 1_650
    assert max(len(event.text) for event in answer.events if isinstance(event, Text)) < 60


async def test_language_without_spaces_comes_in_small_pieces_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_scripts, "choose", lambda _request: Script("河" * 100))
    answer = await ask("hello")
    assert answer.text == "河" * 100
    assert max(len(event.text) for event in answer.events if isinstance(event, Text)) <= 36


async def test_wish_of_an_answer_that_failed_is_not_played_again() -> None:
    got = await ask("fail\n\nNow say hello.")
    assert got.failure is None
    assert "not an AI" in got.text
