"""Gives footnotes names that no other answer on the page has: comrak names them after words of the text."""

from __future__ import annotations

import re
from hashlib import blake2b

_SECTION = re.compile(r"<section[^>]* data-footnotes>")
_REFERENCE = re.compile(r'<sup[^>]* class="footnote-ref"><a [^>]*>(\d+)</a></sup>')
_NOTE = re.compile(r'<li[^>]* id="fn-[^"]*">')
_BACK = re.compile(r' ?<a [^>]* data-footnote-backref-idx="(\d+)(-\d+)?"[^>]*>.*?</a>')


def number(html: str, text: str) -> str:
    """Replace comrak's links between references and notes by `data-footnote` marks, which `chrome` turns into links.

    The mark starts with a digest of the text, so that two answers on one page do not share an id.
    """
    section = _SECTION.search(html)
    if not section:
        return html
    prefix = blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest()
    body, notes = html[: section.start()], html[section.start() :]
    references = _References(prefix)
    notes = _NOTE.sub(_Notes(prefix).mark, _BACK.sub(lambda found: _way_back(found, prefix), notes))
    return _REFERENCE.sub(references.mark, body) + _REFERENCE.sub(references.mark, notes)


def hide(html: str) -> str:
    """Leave the notes out and the references without links: an unfinished text does not know all of them."""
    section = _SECTION.search(html)
    return _REFERENCE.sub(r'<sup data-footnote="">\1</sup>', html[: section.start()]) if section else html


class _References:
    """Marks references; the first to each note is the one that the note leads back to."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._seen: set[str] = set()

    def mark(self, found: re.Match[str]) -> str:
        number = found[1]
        order = "again" if number in self._seen else "first"
        self._seen.add(number)
        return f'<sup data-footnote="{self._prefix}-{number}-{order}">{number}</sup>'


class _Notes:
    """Numbers the notes, which come in the order of their numbers."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._number = 0

    def mark(self, _found: re.Match[str]) -> str:
        self._number += 1
        return f'<li data-footnote="{self._prefix}-{self._number}">'


def _way_back(found: re.Match[str], prefix: str) -> str:
    return "" if found[2] else f'<sup data-footnote="{prefix}-{found[1]}-back"></sup>'
