"""Text as it stands: the person's own words, and the answers that cannot be rendered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from chat.rendering.markdown import without_surrogates

PIECE = 50_000  # characters of one block
_TAG = re.compile(r"<[^>]*>")


def plain_user_html(text: str) -> str:
    """Give the words escaped in one block, in which CSS keeps the line breaks; nothing is fetched or linked."""
    return f'<div class="plain" dir="auto">{_escaped(text)}</div>'


def plain_blocks(text: str) -> Iterator[str]:
    """Give a text that is too long or cannot be read as Markdown."""
    for start in range(0, len(text), PIECE):
        yield f'<p class="raw" dir="auto">{_escaped(text[start : start + PIECE])}</p>'


def without_tags(html: str) -> str:
    """Give the words of comrak's HTML as one block."""
    return f'<p class="raw" dir="auto">{_TAG.sub("", html)}</p>'


def _escaped(text: str) -> str:
    return escape(without_surrogates(text).replace("\0", "\ufffd"))
