"""Colours code with Pygments, by few classes, and gives up on code that would take long."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from itertools import groupby
from time import perf_counter, thread_time

from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, _TokenType

# Many lexers take quadratic time on hostile text. Long lines and long empty stretches, where one match can take
# seconds, are refused; for the rest there is a deadline, looked at after each token (see `languages.VETTED`).
LONGEST = 20_000  # characters: 20 to 80 ms of ordinary code
LONGEST_LINE = 500
SECONDS = 0.15  # of this thread's own time
_EMPTY_LINES = re.compile(r"(?:[ \t]*\n){11}")

CLASSES: dict[_TokenType, str] = {
    Comment: "c",
    Comment.Preproc: "cp",
    Keyword: "k",
    Keyword.Constant: "kc",
    Keyword.Type: "kt",
    Name.Attribute: "na",
    Name.Builtin: "nb",
    Name.Class: "nc",
    Name.Decorator: "nd",
    Name.Exception: "nc",
    Name.Function: "nf",
    Name.Namespace: "nc",
    Name.Tag: "nt",
    Number: "m",
    Operator.Word: "k",
    String: "s",
    String.Escape: "se",
    String.Interpol: "se",
    Generic.Deleted: "gd",
    Generic.Heading: "gh",
    Generic.Inserted: "gi",
    Generic.Prompt: "gp",
    Generic.Subheading: "gh",
}


def colour(source: str, alias: str) -> str:
    """Give the code as HTML, with `<span class>` where it is worth a colour; plain if it would cost too much."""
    if alias == "text" or not _is_tame(source):
        return escape(source, quote=False)
    try:
        return "".join(_spans(_in_time(get_lexer_by_name(alias, stripnl=False, ensurenl=False).get_tokens(source))))
    except TimeoutError:
        return escape(source, quote=False)


def _is_tame(source: str) -> bool:
    return (
        len(source) <= LONGEST and max(map(len, source.split("\n"))) <= LONGEST_LINE and not _EMPTY_LINES.search(source)
    )


def _in_time(tokens: Iterable[tuple[_TokenType, str]]) -> Iterator[tuple[_TokenType, str]]:
    end = thread_time() + SECONDS
    look = perf_counter() + SECONDS  # this clock is much cheaper to read, and never behind the other
    for token in tokens:
        if perf_counter() > look:
            if thread_time() > end:
                raise TimeoutError
            look += SECONDS / 10
        yield token


def _spans(tokens: Iterable[tuple[_TokenType, str]]) -> Iterator[str]:
    for name, run in groupby(tokens, lambda token: _class(token[0])):
        text = escape("".join(value for _kind, value in run), quote=False)
        yield f'<span class="{name}">{text}</span>' if name else text


@cache
def _class(kind: _TokenType) -> str:
    """Find the class of this kind of token or of the nearest kind above it."""
    while kind.parent is not None:
        if kind in CLASSES:
            return CLASSES[kind]
        kind = kind.parent
    return ""
