"""What the demo model says: a script for each thing that a page must be able to show, chosen by a word."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chat.providers.base import Failure, FinishReason, Request, Role

USUAL_PACE = 40.0  # tokens a second, like a real model


@dataclass(frozen=True, slots=True)
class Script:
    """An answer to play. A failure comes after the text, or before anything else where there is no text."""

    text: str
    thinking: str = ""
    tokens_per_second: float = USUAL_PACE
    ending: FinishReason = FinishReason.DONE
    failure: Failure | None = None


def choose(request: Request) -> Script:
    """Give the script that the last user turn asks for; without such a word, an explanation."""
    said = next((turn.text for turn in reversed(request.turns) if turn.role is Role.USER), "")
    # An answer that failed leaves two turns in a row, which come joined: only the last paragraph is sure to be new.
    wish = said.strip().rpartition("\n\n")[2]
    for pattern, script in SCRIPTS:
        if re.search(rf"\b(?:{pattern})\b", wish, re.IGNORECASE):
            return script()
    return explanation(said)


def explanation(said: str) -> Script:
    """Say what this is, what came in, and what can be tried."""
    words, characters = len(said.split()), len(said)
    size = _("%(characters)s, %(words)s") % {
        "characters": ngettext("%(count)d character", "%(count)d characters", characters) % {"count": characters},
        "words": ngettext("%(count)d word", "%(count)d words", words) % {"count": words},
    }
    return Script(
        _(
            "This is the built-in demo. It is **not an AI**: it understands nothing, calls nobody, and your words do "
            "not leave this server. All it can say about your message is its size: %(size)s.\n\n"
            "Send one of these words to see what an answer can look like:\n\n"
            "- `headings`: text with headings, lists and a quotation\n"
            "- `code`: a program\n"
            "- `table`: rows and columns\n"
            "- `maths`: formulas\n"
            "- `thinking`: a train of thought before the answer\n"
            "- `long`: about 1,500 words\n"
            "- `slow`: half a minute of patience\n"
            "- `length`: an answer that is cut at its limit\n"
            "- `refuse`: a model that declines\n"
            "- `fail`, `fail midway`: a model that breaks down, before or in the middle of its answer\n"
        )
        % {"size": size}
    )


def headings() -> Script:
    return Script(
        _(
            "# Notes from the demo\n\n"
            "Nobody thought about these lines for you: they are **written in advance**, and only their *form* "
            "matters.\n\n"
            "## Three rivers\n\n"
            "1. The Seine, which leaves Paris in no hurry.\n"
            "2. The Nile, which flows north.\n"
            "3. The Mekong, which feeds six countries.\n\n"
            "### On the bank\n\n"
            "- a bench\n"
            "  - with a view\n"
            "- a boat\n"
            "- ~~a bridge~~ (washed away)\n\n"
            "> A quotation stands a little apart, so that one sees who is speaking.\n\n"
            "---\n\n"
            "What this service keeps about you stands on the [privacy page](/privacy/).\n"
        )
    )


def code() -> Script:
    return Script(
        _(
            "This program is part of the demo. Nothing has checked it but its author.\n\n"
            "```python\n"
            "def fibonacci(limit: int) -> list[int]:\n"
            '    """Give the Fibonacci numbers below the limit."""\n'
            "    numbers = [0, 1]\n"
            "    while numbers[-1] + numbers[-2] < limit:\n"
            "        numbers.append(numbers[-1] + numbers[-2])\n"
            "    return numbers\n\n\n"
            "print(fibonacci(100))  # 0, 1, 1, 2, 3, 5, 8 and so on\n"
            "```\n\n"
            "In a sentence, `fibonacci(100)` looks like this. A shell line:\n\n"
            "```sh\n"
            "python3 fibonacci.py | tail -n 1\n"
            "```\n"
        )
    )


def table() -> Script:
    return Script(
        _(
            "Lengths in kilometres, written down in advance and rounded:\n\n"
            "| River | Length | Ends in |\n"
            "|---|---:|---|\n"
            "| Seine | 775 | the English Channel |\n"
            "| Rhine | 1,230 | the North Sea |\n"
            "| Mekong | 4,350 | the South China Sea |\n"
            "| Nile | 6,650 | the Mediterranean |\n\n"
            "The demo does not know whether you asked about rivers.\n"
        )
    )


def maths() -> Script:
    return Script(
        _(
            "Two formulas from a drawer of the demo. The first stands in the line, $a^2 + b^2 = c^2$; the second "
            "alone:\n\n"
            "$$\n"
            "\\int_{-\\infty}^{\\infty} e^{-x^2}\\,dx = \\sqrt{\\pi}\n"
            "$$\n\n"
            "A sum closes the page: $\\sum_{k=1}^{n} k = \\frac{n(n+1)}{2}$.\n"
        )
    )


def thinking() -> Script:
    return Script(
        _("What you read above is not thought either: it shows where a model's train of thought appears.\n"),
        thinking=_(
            "The message asks for thinking. The demo cannot think, so it plays these sentences instead. A real model "
            "would weigh the question here, try an answer, and drop it again. Now the answer itself begins."
        ),
    )


def long() -> Script:
    paragraphs = (
        _(
            "This paragraph is part of a long answer that the demo keeps in a drawer. It has no subject of its own. It "
            "is here so that you can see how a page behaves while text keeps arriving: whether the line you are "
            "reading stays where it is, whether you can scroll back, and whether the button that stops the answer "
            "really does."
        ),
        _(
            "Try something while it runs. Reload the page, and the answer is still there and goes on. Open the same "
            "conversation in a second tab, and both show the same words. Close the browser altogether: the answer "
            "belongs to the server and not to your window, so it will be finished when you come back."
        ),
        _(
            "A long answer costs more than a short one, because models are paid by the token, both for what they read "
            "and for what they write. That is why the price stands under every answer, and why credits are held before "
            "a model starts and the rest is given back when it ends."
        ),
        _(
            "If you stop an answer, you keep what you have seen, to the last word, and you pay for that and no more. "
            "If a model breaks down, what happens with your credits follows a table that anyone can read. Nothing "
            "about it is decided afterwards, and nothing is rounded up."
        ),
        _(
            "Nobody reads along. What you write is encrypted before it is stored, with a key that belongs to the "
            "conversation alone. When you delete the conversation the key is destroyed first, and from then on the "
            "text cannot be read by anyone, not even in a backup that was made the night before."
        ),
    )
    parts = [_("## Part %(number)d") % {"number": number} for number in range(1, 26)]
    blocks = [f"{part}\n\n{paragraphs[index % len(paragraphs)]}\n" for index, part in enumerate(parts)]
    return Script("\n".join(blocks), tokens_per_second=10 * USUAL_PACE)


def slow() -> Script:
    return Script(
        _(
            "This answer takes about half a minute, on purpose. Real models are sometimes this slow, when many people "
            "ask at once or a question is hard. You can go on reading something else meanwhile, or switch to another "
            "conversation: the answer waits for nobody and nobody has to wait for it. You can also press Stop. What "
            "has been written so far then stays, and it is all you pay for. Nearly done now."
        ),
        tokens_per_second=3.6,
    )


def length() -> Script:
    return Script(
        _("Every answer has a limit, and this one is cut when it reaches its own, in the middle of a"),
        ending=FinishReason.LENGTH,
    )


def refuse() -> Script:
    return Script("", ending=FinishReason.REFUSED)


def fail() -> Script:
    return Script("", failure=Failure.UNAVAILABLE)


def fail_midway() -> Script:
    return Script(
        _("This answer was going well until the connection to the model broke off in the"), failure=Failure.BROKEN
    )


# The first that matches wins, so what contains another's word comes before it.
SCRIPTS: tuple[tuple[str, Callable[[], Script]], ...] = (
    ("fail midway", fail_midway),
    ("fail", fail),
    ("refuse", refuse),
    ("length", length),
    ("thinking", thinking),
    ("slow", slow),
    ("long", long),
    ("table", table),
    ("code", code),
    ("maths?", maths),
    ("headings?", headings),
)
