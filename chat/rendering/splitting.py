"""Cuts comrak's HTML into its top-level elements, each with the line of the text where it began."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Exact for comrak's output and for nothing else: it escapes `<` and `>` in text and in attributes.
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)[^>]*>")
_POSITION = re.compile(r' data-sourcepos="(\d+):[^"]*"')
_EMPTY_CODE = re.compile(r"<pre><code[^>]*></code></pre>")
_VOID = frozenset({"br", "hr", "img", "input"})


@dataclass(frozen=True, slots=True)
class Fragment:
    """One top-level element, or the escaped raw HTML between two. `line` counts from 1; 0 where it is not known."""

    html: str
    line: int
    depth: int

    @property
    def is_empty_code(self) -> bool:
        return bool(_EMPTY_CODE.fullmatch(self.html))


def split(html: str) -> Iterator[Fragment]:
    """Give the fragments in order; only white space between them is lost. Raises ValueError for tags out of order."""
    start = deepest = 0
    opened: list[str] = []
    for tag in _TAG.finditer(html):
        if not opened:
            yield from _loose(html[start : tag.start()])
            start, deepest = tag.start(), 1
        _follow(tag, opened)
        deepest = max(deepest, len(opened))
        if not opened:
            yield _fragment(html[start : tag.end()], deepest)
            start = tag.end()
    if opened:
        raise ValueError
    yield from _loose(html[start:])


def _follow(tag: re.Match[str], opened: list[str]) -> None:
    """Keep the names of the elements that are open."""
    if tag[1]:
        if not opened or opened.pop() != tag[2]:
            raise ValueError
    elif tag[2] not in _VOID:
        opened.append(tag[2])


def _loose(text: str) -> Iterator[Fragment]:
    if text.strip():
        yield Fragment(text.strip("\n"), 0, 0)


def _fragment(html: str, depth: int) -> Fragment:
    found = _POSITION.search(html, 0, html.index(">"))
    if not found:
        return Fragment(html, 0, depth)
    return Fragment(_POSITION.sub("", html), int(found[1]), depth)
