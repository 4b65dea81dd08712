"""One judgement of a text: every rule asked, points added up. Pure, and linear in the size of the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from accounts.injection import encoded, extraction, formats, hidden, normalising, override, personas, tokens
from accounts.injection.findings import Finding
from accounts.injection.normalising import Plain

LONGEST = 100_000  # characters that are looked at
SUSPICIOUS_AT = 50
MOST = 100
QUOTED = 0.3  # of the points, for what is quoted
DEEPEST = 2  # levels of decoding
INNER_AT = 30  # a hidden text with so many points was hidden for a reason
HIDDEN = 55


@dataclass(frozen=True, slots=True)
class Verdict:
    """From 0 to 100, and the ids of the rules that spoke, the heaviest first; never a word of the text."""

    score: int
    reasons: tuple[str, ...]

    @property
    def is_suspicious(self) -> bool:
        return self.score >= SUSPICIOUS_AT


def judge(text: str) -> Verdict:
    """Judge one message."""
    best: dict[str, int] = {}
    for rule, points in _findings(text[:LONGEST], DEEPEST):
        best[rule] = max(best.get(rule, 0), points)
    return Verdict(min(sum(best.values()), MOST), tuple(sorted(best, key=lambda rule: (-best[rule], rule))))


def _findings(text: str, levels: int) -> Iterator[Finding]:
    plain = normalising.plain(text)
    read = tokens.read(plain.text)
    yield from hidden.findings(plain)
    yield from formats.findings(plain.text)
    yield from _of_words(read.said)
    for rule, points in _of_words(read.quoted):
        yield Finding(f"{rule}.quoted", round(points * QUOTED))
    if levels:
        yield from _of_hidden(text, plain, read.said, levels)


def _of_words(said: list[str]) -> Iterator[Finding]:
    if said:
        line = tokens.line(said)
        yield from override.findings(said, line)
        yield from extraction.findings(said, line)
        yield from personas.findings(line)


def _of_hidden(text: str, plain: Plain, said: list[str], levels: int) -> Iterator[Finding]:
    pieces = list(encoded.pieces(text, said))
    if plain.invisible:
        pieces.append(("tags", plain.invisible))
    for how, piece in pieces:
        inner = dict(_findings(piece, levels - 1))
        if sum(inner.values()) >= INNER_AT:
            yield Finding(f"encoded.{how}", HIDDEN)
