"""What a request wants of the stand-in upstream, carried as a mark in the last text that the person wrote."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

MARK = re.compile(rb"\[\[bench ((?:\w+=\d+ ?)+)\]\]")


@dataclass(frozen=True, slots=True)
class Recipe:
    """One reply: how long until its first token, between writes, how many tokens, how many of them in one write.

    `interval_us=0` writes as fast as the relay reads. `size` is a token's length in characters, its clock included;
    with `prose=1` tokens are pieces of a formatted text instead, which carry no clock.
    """

    tokens: int = 400
    first_us: int = 0
    interval_us: int = 25_000
    burst: int = 1
    size: int = 12
    prose: int = 0

    def mark(self) -> str:
        """Write it for a request."""
        return f"[[bench {' '.join(f'{name}={value}' for name, value in asdict(self).items())}]]"


def recipe_of(body: bytes) -> Recipe:
    """Read the last mark of a request, the newest turn's: earlier turns carry their own."""
    at = body.rfind(b"[[bench ")
    found = MARK.match(body, at) if at >= 0 else None
    if not found:
        return Recipe()
    return Recipe(**{name.decode(): int(value) for name, value in (pair.split(b"=") for pair in found[1].split())})
