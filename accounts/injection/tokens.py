"""A text as the phrase rules read it: words in order, the ends of sentences among them, quotations apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

from accounts.injection import words

STOPS = frozenset(".!?;\n")
TOKEN = re.compile(r"[^\W_]+|[.!?;\n]")
# What stands between quotation marks is talked about more often than it is meant. Each is bounded, within a line, and
# ends at the next sign of its own kind: opening signs alone must not be read again and again.
QUOTED = re.compile(
    '"[^"\\n]{1,600}"|\u201c[^\u201c\u201d\\n]{1,600}\u201d|\u201e[^\u201e\u201c\u201d\\n]{1,600}[\u201c\u201d]'
    "|\u00ab[^\u00ab\u00bb\\n]{1,600}\u00bb|`[^`\\n]{1,600}`"
    "|(?<![^\\W_])['\u2018][^'\u2018\u2019\\n]{1,300}['\u2019](?![^\\W_])"
)
FENCE = "```"
LEET = [str.maketrans("0134579", f"o{one}eastg") for one in "il"]
MOSTLY = 0.8


@dataclass(frozen=True, slots=True, repr=False)
class Words:
    """Words said outright and words quoted."""

    said: list[str]
    quoted: list[str]


def read(text: str) -> Words:
    """Split a plain text; one that is nearly all quotation has nothing around it, so it counts as said."""
    parts = text.split(FENCE)
    outside = " ".join(parts[::2]) if len(parts) > 2 else text
    fenced = "\n".join(parts[1::2]) if len(parts) > 2 else ""
    quotations = [found[0] for found in QUOTED.finditer(outside)]
    said = QUOTED.sub(" ", outside) if quotations else outside
    quoted = "\n".join([*quotations, fenced])
    if len(quoted) >= MOSTLY * max(len(text.strip()), 1):
        return Words(split(text), [])
    return Words(split(said), split(quoted))


def split(text: str) -> list[str]:
    """Give words and ends of sentences; digits within words are read as the letters they look like."""
    return [
        word if word.isalpha() or word.isdigit() or word in STOPS else _unleet(word) for word in TOKEN.findall(text)
    ]


def _unleet(word: str) -> str:
    """A 1 may be an i or an l: take the reading that means something here."""
    readings = [word.translate(table) for table in LEET]
    return next((reading for reading in readings if reading in words.ALL), readings[0])


def line(said: list[str]) -> str:
    """Join words with single spaces, one at each end: a phrase is found with spaces around it."""
    return f" {' '.join(word for word in said if word not in STOPS)} "
