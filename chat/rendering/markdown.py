"""Markdown to HTML by comrak, with what a text may cost held in bounds; its output is trusted to be well formed."""

from __future__ import annotations

import re
from functools import cache

import comrak

# Bounds found by trying: comrak takes 0.1 s for a row of 10,000 cells or 10,000 unclosed `\(`, and four times that for
# twice as many; short rows under a wide header are filled up with empty cells, 360 MB of them for 18 kB of text.
MOST_COLUMNS = 200
MOST_MISSING_CELLS = 20_000
MOST_LATEX_BRACKETS = 5_000

# A note that is defined inside a quote, a list or another note makes comrak close tags in the wrong order.
_NESTED_NOTE = re.compile(r"(?:\A|[\r\n])(?:[ \t>*+0-9.)-]+|\[\^[^\]\r\n]*\]:[ \t>*+0-9.)-]*)\[\^[^\]\r\n]*\]:")
_SURROGATE = re.compile("[\ud800-\udfff]")


def to_html(text: str, *, with_positions: bool = False) -> str:
    """Give well-formed HTML in which every `<` starts a tag; raw HTML of the text shows as text.

    `with_positions` adds `data-sourcepos`. Some 40 microseconds a kB.
    """
    return str(
        comrak.render_markdown(
            without_surrogates(text),
            _extensions(_has_modest_tables(text), _has_modest_latex(text), not _NESTED_NOTE.search(text)),
            _parsing(),
            _output(with_positions),
        )
    )


def without_surrogates(text: str) -> str:
    """Replace halves of characters, which no encoder takes."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


@cache
def _extensions(tables: bool, latex: bool, footnotes: bool) -> comrak.ExtensionOptions:
    options = comrak.ExtensionOptions()
    options.table = tables
    options.math_latex = latex
    options.footnotes = footnotes
    options.strikethrough = options.tasklist = options.autolink = True
    options.math_dollars = options.cjk_friendly_emphasis = True
    return options


@cache
def _parsing() -> comrak.ParseOptions:
    """Take `---` below a paragraph for a rule, which is what models mean, and never for a heading."""
    options = comrak.ParseOptions()
    options.ignore_setext = True
    return options


@cache
def _output(with_positions: bool) -> comrak.RenderOptions:
    options = comrak.RenderOptions()
    options.escape = True
    options.sourcepos = with_positions
    return options


def _has_modest_latex(text: str) -> bool:
    return text.count(r"\(") + text.count(r"\[") <= MOST_LATEX_BRACKETS


def _has_modest_tables(text: str) -> bool:
    columns = missing = 0
    for line in text.splitlines() if "|" in text else ():
        if not line.strip("> \t"):
            columns = 0
        elif is_delimiter_row(line):
            columns = line.count("|") + 1
        elif columns:
            missing += max(0, columns - 2 - line.count("|"))
        if columns > MOST_COLUMNS or missing > MOST_MISSING_CELLS:
            return False
    return True


def is_delimiter_row(line: str) -> bool:
    """Whether this line may be the one below a table's header, such as `|---|:-:|`."""
    return "|" in line and "-" in line and not line.strip("|:-> \t\r\n")
