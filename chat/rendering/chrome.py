"""Adds our own controls and labels to a cleaned block: nothing that the cleaner lets through could pass for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape

from django.utils.translation import gettext as _

# The cleaner lets none of these through but where `rewriting` and `footnotes` wrote them.
_PLACES = re.compile(
    r"""
    <pre>(?P<code><code[^>]*>.*?</code>)</pre>
    | <table>(?=(?P<head>.*?</thead>))
    | (?P<end></table>)
    | <span\ class="(?P<task>task(?:\ done)?)"></span>
    | <li\ data-footnote="(?P<note>[0-9a-f]{8}-\d+)">
    | <sup\ data-footnote="(?:(?P<target>[0-9a-f]{8}-\d+)-(?P<role>first|again|back))?">(?P<number>\d*)</sup>
    """,
    re.VERBOSE | re.DOTALL,
)
_ROOT = re.compile(r"<[a-z0-9]+")
_TAG = re.compile(r"<[^>]*>")
LONGEST_LABEL = 80


def dress(html: str, labels: list[str]) -> str:
    """Give the finished block; `labels` names the language of each code block in it, in order."""
    left = iter(labels)
    dressed = _PLACES.sub(lambda found: _place(found, left), html)
    return _ROOT.sub(lambda root: f'{root[0]} dir="auto"', dressed, count=1)


def _place(found: re.Match[str], labels: Iterator[str]) -> str:
    if found["code"]:
        return _figure(found["code"], next(labels, ""))
    if found["head"]:
        return _table_start(found["head"])
    if found["end"]:
        return "</table></div>"
    if found["task"]:
        return _checkbox(is_done=found["task"] != "task")
    if found["note"]:
        return f'<li id="fn-{found["note"]}">'
    return _reference(found["target"], found["role"], found["number"])


def _figure(code: str, label: str) -> str:
    name, words = escape(_("Copy code")), escape(_("Copy"))
    return (
        f'<figure class="code"><figcaption><span>{escape(label)}</span>'
        f'<button type="button" data-action="copy-code" aria-label="{name}">{words}</button></figcaption>'
        f'<pre tabindex="0" dir="ltr">{code}</pre></figure>'
    )


def _table_start(head: str) -> str:
    """Let a wide table scroll by itself, also by keyboard, under a name made of its columns."""
    cells = (" ".join(unescape(_TAG.sub("", cell)).split()) for cell in head.split("</th>"))
    columns = ", ".join(cell for cell in cells if cell)[:LONGEST_LABEL]
    name = _("Table: %(columns)s") % {"columns": columns} if columns else _("Table")
    return f'<div class="table-scroll" tabindex="0" role="region" aria-label="{escape(name)}"><table>'


def _checkbox(*, is_done: bool) -> str:
    name, checked = (_("Done"), " checked") if is_done else (_("Not done"), "")
    return f'<input type="checkbox" disabled{checked} aria-label="{escape(name)}">'


def _reference(target: str | None, role: str | None, number: str) -> str:
    """Link a reference to its note, or the note back to its first reference; a draft has no links yet."""
    if not target:
        return f'<sup class="footnote-ref">{number}</sup>'
    if role == "back":
        return f' <a class="footnote-back" href="#fnref-{target}" aria-label="{escape(_("Back to the text"))}">↩</a>'
    name = escape(_("Footnote %(number)s") % {"number": number})
    mark = f' id="fnref-{target}"' if role == "first" else ""
    return f'<sup class="footnote-ref"><a{mark} href="#fn-{target}" aria-label="{name}">{number}</a></sup>'
