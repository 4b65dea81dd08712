"""From text to blocks: parse, cut into top-level elements, and finish each of them by itself."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TypeVar

import structlog

from chat.rendering import budget, footnotes
from chat.rendering.chrome import dress
from chat.rendering.cleaning import clean
from chat.rendering.markdown import to_html
from chat.rendering.plain import plain_blocks, without_tags
from chat.rendering.rewriting import Rewriter
from chat.rendering.splitting import Fragment, split

log = structlog.get_logger(__name__)

LONGEST = 600_000  # characters: more than any model of today can answer
DEEPEST = 60  # elements inside each other: cleaning takes quadratic time in it, and nobody reads that
MOST_ENTITIES = 50_000  # in one block; the same
Finish = Callable[[Fragment], str]
Made = TypeVar("Made")


def render(text: str) -> list[str]:
    """Give the blocks of a complete text: safe HTML, one root element each.

    Never raises. Some 0.3 ms a kB, 1 to 4 ms a kB of coloured code; a few seconds for the worst text there is.
    """
    return render_with(text, finish)


def render_with(text: str, finish_one: Finish) -> list[str]:
    """Render with a `finish` that may remember what it did before."""
    if len(text) > LONGEST:
        return list(plain_blocks(text))
    return _attempt(
        lambda: [finish_one(fragment) for fragment in split(budget.hold(footnotes.number(to_html(text), text)))],
        lambda: list(plain_blocks(text)),
    )


def finish(fragment: Fragment) -> str:
    """Give the block in its final form: depends on the fragment's HTML alone."""
    return _block(fragment, is_final=True)


def draft(fragment: Fragment) -> str:
    """Give the block cheaply, while it still grows: no colours, maths as source."""
    return _block(fragment, is_final=False)


def parse_open(text: str) -> list[Fragment]:
    """Parse the end of a text that still grows; the fragments know their lines."""
    return _attempt(
        lambda: list(split(footnotes.hide(to_html(text, with_positions=True)))),
        lambda: [Fragment(escape(text), 0, 0)],
    )


def _block(fragment: Fragment, *, is_final: bool) -> str:
    if fragment.depth == 0 or fragment.depth > DEEPEST or fragment.html.count("&") > MOST_ENTITIES:
        return without_tags(fragment.html)
    rewriter = Rewriter(is_final=is_final)
    return _attempt(
        lambda: dress(clean(rewriter.rewrite(fragment.html)), rewriter.labels), lambda: without_tags(fragment.html)
    )


def _attempt(make: Callable[[], Made], instead: Callable[[], Made]) -> Made:
    """Show the words plainly where one text breaks a library, whose panics (in Rust) are no `Exception`."""
    try:
        return make()
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        log.exception("rendering.failed")
        return instead()
