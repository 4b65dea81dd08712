"""Cuts a block that grows long into pieces while it streams, so that a tick never costs more than one piece."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chat.rendering.markdown import is_delimiter_row

LONG = 8_000  # characters: beyond it a block is cut where it may be
TOO_LONG = 16_000  # beyond it a block is cut anywhere

LONGEST_UNDECIDED = 200
_SIGNS = "-+*_=#>|:`~$.) \t\r0123456789"

_FENCE = re.compile(r" {0,3}(?:`{3,}[^`\n]*|~{3,}[^\n]*)\n")
_ITEM = re.compile(r"( *)(?:([-*+])|\d{1,9}([.)]))[ \t]")
_QUOTE = re.compile(r" {0,3}>")
_LINE = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Tail:
    """The unfinished end of a text.

    `opening` is what its block began with, when that was cut before: the fence, or the head of the table, without which
    the rest would mean something else.
    """

    opening: str = ""
    text: str = ""

    @property
    def source(self) -> str:
        return self.opening + self.text

    def grown(self, text: str) -> tuple[Tail, str]:
        """Append the text but for its undecided end, and give that end."""
        text = self.text + text
        end = _decided(text)
        return Tail(self.opening, text[:end]), text[end:]

    def since_line(self, number: int) -> Tail:
        """Give what is left from this line of `source` on, counted from 1."""
        start = _line_start(self.source, number)
        return self if start < len(self.opening) or start == 0 else Tail("", self.source[start:])


def _decided(text: str) -> int:
    """Find where a last line begins that has only signs so far: `-` may become a list, a rule, a table or a number."""
    start = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
    if len(text) - start <= LONGEST_UNDECIDED and not text[start:].strip(_SIGNS):
        return start
    return len(text) - text.endswith("\r")  # a line feed may follow


def _line_start(text: str, number: int) -> int:
    start = 0
    for _ in range(number - 1):
        found = _LINE.search(text, start)
        if not found:
            break
        start = found.end()
    return start


def cut(tail: Tail) -> tuple[Tail | None, Tail]:
    """Give a piece that can be closed, if there is a good place to cut, and the tail that is left."""
    if len(tail.text) <= LONG:
        return None, tail
    opening = _opening(tail.source)
    place = max((at for at in _places(tail, opening) if LONG // 2 < at < len(tail.text)), default=0)
    if not place and len(tail.text) > TOO_LONG:
        place = _anywhere(tail.text)
    if not place:
        return None, tail
    return Tail(tail.opening, tail.text[:place]), Tail(opening, tail.text[place:])


def _opening(source: str) -> str:
    """Find what each further piece of this block has to begin with."""
    fence = _FENCE.match(source)
    if fence:
        return fence[0]
    lines = source[:LONG].splitlines(keepends=True)
    return "".join(lines[:2]) if len(lines) > 2 and is_delimiter_row(lines[1]) else ""


def _places(tail: Tail, opening: str) -> Iterator[int]:
    """Give the starts of lines where the block may be cut: list items, what follows a gap in a quote, any line else."""
    item = None if opening else _ITEM.match(tail.text)
    is_quote = not opening and bool(_QUOTE.match(tail.text))
    at, before = 0, "-"
    for line in tail.text.splitlines(keepends=True):
        is_place = _is_sibling(item, _ITEM.match(line)) if item else not is_quote or not before.strip("> \t\r\n")
        if is_place:
            yield at
        at, before = at + len(line), line


def _is_sibling(first: re.Match[str], other: re.Match[str] | None) -> bool:
    return other is not None and other.groups() == first.groups()


def _anywhere(text: str) -> int:
    middle = len(text) // 2
    return max(text.rfind("\n", middle), text.rfind(" ", middle)) + 1 or middle
