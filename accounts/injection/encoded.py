"""What a text hides in base64, hex, rot13 or backwards; each piece decoded is judged like a text of its own."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterator

from accounts.injection import words

BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
HEX = re.compile(r"(?:[0-9a-fA-F]{2}[ :]?){16,}")
MOST_PIECES = 8
LONGEST_PIECE = 8_000  # characters
MOSTLY = 0.85
ROTATED = frozenset(codecs.encode(word, "rot13") for word in words.OVERRIDE | words.REVEAL_OUTRIGHT if len(word) > 4)
BACKWARDS = frozenset(word[::-1] for word in words.OVERRIDE | words.REVEAL_OUTRIGHT if len(word) > 4)


def pieces(text: str, said: list[str]) -> Iterator[tuple[str, str]]:
    """Give (how it was hidden, what it says) for the first pieces of a text."""
    for found, _number in zip(HEX.finditer(text), range(MOST_PIECES), strict=False):
        yield from _readable("hex", _unhex(found[0][:LONGEST_PIECE]))
    for found, _number in zip(BASE64.finditer(text), range(MOST_PIECES), strict=False):
        yield from _readable("base64", _unbase64(found[0][:LONGEST_PIECE]))
    if not ROTATED.isdisjoint(said):
        yield "rot13", codecs.encode(" ".join(said)[:LONGEST_PIECE], "rot13")
    if not BACKWARDS.isdisjoint(said):
        yield "backwards", " ".join(said)[:LONGEST_PIECE][::-1]


def _readable(how: str, data: bytes) -> Iterator[tuple[str, str]]:
    text = data.decode("utf-8", "replace")
    letters = sum(1 for letter in text if letter.isalpha() or letter in " \n.,:;!?'=+/")
    if text and letters >= MOSTLY * len(text):
        yield how, text


def _unhex(run: str) -> bytes:
    digits = "".join(run.split()).replace(":", "")
    return binascii.unhexlify(digits[: len(digits) // 2 * 2])


def _unbase64(run: str) -> bytes:
    plain = run.rstrip("=").replace("-", "+").replace("_", "/")
    plain = plain[: len(plain) - 1] if len(plain) % 4 == 1 else plain
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4))
    except binascii.Error:
        return b""
