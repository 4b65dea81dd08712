"""Texts made to hurt: each is rendered within seconds, without an exception, and shows its words."""

from __future__ import annotations

import re
import time

import pytest

from chat.rendering import LiveDocument, plain_user_html, render, warm_up
from chat.rendering.blocks import LONGEST
from chat.tests.rendered_html import assert_safe, read

SECONDS = 4  # of CPU; measured: below 0.5 each, and at most 3 for the longest text there is (600 kB)
BOMBS = {
    "deep quotes": ">" * 10_000 + "a",
    "deep quotes and lists": "> - " * 10_000 + "a",
    "deep lists": "\n".join(" " * (2 * level) + "- a" for level in range(1_000)),
    "deep emphasis": "*a _b " * 10_000 + "c" + "_ *" * 10_000,
    "stars": "*" * 10_000 + "a" + "*" * 10_000,
    "brackets": "[" * 10_000,
    "brackets and more": "[a](" * 10_000 + "![" * 10_000 + "]" * 10_000,
    "images in images": "![a" * 10_000 + "](b)" * 10_000,
    "backticks": "".join("`" * (length % 300 + 1) + "a" for length in range(3_000)),
    "dollars": "$a " * 20_000,
    "latex brackets": r"\(" * 20_000 + r"\[" * 20_000,
    "wide table": "|a" * 10_000 + "|\n" + "|-" * 10_000 + "|\n" + "|b" * 10_000,
    "table of short rows": "|" + "a|" * 150 + "\n|" + "-|" * 150 + "\n" + "a\n" * 20_000,
    "long table": "|a|b|\n|-|-|\n" + "|1|2|\n" * 8_000,
    "many tables": "|a|\n|-|\n|b|\n\n" * 2_000,
    "footnotes": "[^1]" * 5_000 + "\n\n[^1]: " + "[^1]" * 5_000,
    "many footnotes": "".join(f"[^{n}] " for n in range(2_000))
    + "\n\n"
    + "".join(f"[^{n}]: x\n" for n in range(2_000)),
    "references": "[a]: http://" + "x" * 5_000 + "\n\n" + "[a]" * 20_000,
    "one long line": "a" * 600_000,
    "one long line of words": "ab " * 200_000,
    "ampersands": "&" * 100_000,
    "less than": "<a " * 20_000,
    "comments": "<!-- " * 20_000,
    "line feeds": "\n" * 600_000,
    "returns": "\r" * 300_000,
    "headings": "# a\n" * 5_000,
    "fences": "```\n" * 5_000,
    "nulls": "\0" * 100_000,
    "halves of characters": "\ud800" * 10_000 + "\udfff",
    "code": "```c\n" + "x y\n" * 4_900 + "```\n",
    "much code": ("```csharp\n" + "a \n" * 6_000 + "```\n\n") * 4,
    "code of spaces": "```python\n" + "        \n" * 2_000 + "```",
    "code of quotes": "```js\n" + '"\\' * 9_000 + "```",
    "formulas": r"$\frac{a}{b}$ " * 10_000,
    "long formulas": ("$" + "x^2+" * 400 + "$\n\n") * 40,
    "formulas that double": r"$\newcommand{\a}{\b\b}\newcommand{\b}{\c\c}\a$ " * 300,
    "sidesets": "$" + r"\sideset{_a}{_b}{" * 100 + "x" + "}" * 100 + "$",
    "deep formulas": ("$" + "{" * 900 + "x" + "}" * 900 + "$\n\n") * 30,
    "direction marks": "\u202e\u2066" * 50_000,
}


def without_colours(blocks: list[str]) -> list[str]:
    return [re.sub(r"</?span[^>]*>", "", block) for block in blocks]


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_defused(name: str) -> None:
    warm_up()
    start = time.thread_time()
    blocks = render(BOMBS[name])
    whole = time.thread_time()
    document = streamed(BOMBS[name])
    assert whole - start < SECONDS
    assert time.thread_time() - whole < SECONDS
    assert_safe(blocks[:20])
    assert without_colours(document.snapshot()) == without_colours(blocks)  # colours may miss their deadline once


def streamed(text: str) -> LiveDocument:
    document = LiveDocument()
    for at in range(0, len(text), 20_000):
        document.feed(text[at : at + 20_000])
        document.changes()
    document.finish()
    return document


def test_what_is_nested_too_deeply_shows_its_words() -> None:
    (block,) = render(">" * 10_000 + " hello & <bye>")
    assert_safe([block])
    assert read(block).text.strip() == "hello & <bye>"


def test_a_text_beyond_the_limit_shows_its_words() -> None:
    text = "# <b>\n" * (LONGEST // 6 + 1)
    blocks = render(text)
    assert_safe(blocks)
    assert "".join(read(block).text for block in blocks) == text


def test_nulls_and_halves_of_characters_are_replaced() -> None:
    assert render("a\0b\ud800c") == ['<p dir="auto">a\ufffdb\ufffdc</p>']
    assert plain_user_html("a\0b\ud800c") == '<div class="plain" dir="auto">a\ufffdb\ufffdc</div>'
    document = LiveDocument()
    document.feed("a\0b\ud800")
    document.changes()
    document.feed("c")
    document.finish()
    assert document.snapshot() == render("a\0b\ud800c")


@pytest.mark.parametrize("place", ["blocks.to_html", "blocks.clean", "rewriting.colour"])
@pytest.mark.parametrize("panic", [ValueError, type("PanicException", (BaseException,), {})])
def test_a_fault_in_a_library_shows_the_words(
    place: str, panic: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> str:
        raise panic("the text")

    monkeypatch.setattr(f"chat.rendering.{place}", fail)
    text = "```python\nsome <words>\n```"
    document = LiveDocument()
    document.feed(text)
    document.changes()
    document.finish()
    assert_safe(document.snapshot())
    assert "some <words>" in "".join(read(block).text for block in document.snapshot())
    assert document.snapshot() == render(text)


def test_an_interrupt_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_text: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("chat.rendering.blocks.to_html", stop)
    with pytest.raises(KeyboardInterrupt):
        render("a")
