"""Looks for texts where nobody should find them: in clear, in base64, hex or UTF-16, and inside zlib streams."""

from __future__ import annotations

import re
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path

ZLIB_HEAD = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
MOST_INFLATED = 10_000_000


def hides(data: bytes, needles: Iterable[str]) -> bool:
    """Whether one of the texts is in there."""
    forms = [form for needle in needles for form in _forms(needle)]
    return any(form in layer for layer in _layers(data) for form in forms)


def files_that_hide(folder: Path, needles: list[str]) -> list[str]:
    """Give the files below a folder that hold one of the texts; what vanishes meanwhile is passed over."""
    return [str(path) for path in sorted(folder.rglob("*")) if hides(_content(path), needles)]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:
        return b""


def _forms(needle: str) -> Iterator[bytes]:
    plain = needle.encode()
    yield plain
    yield needle.encode("utf-16-le")
    yield plain.hex().encode()
    for shift in range(3):  # base64 looks different at each of three places; four characters at an edge may be others'
        coded = b64encode(b"\0" * shift + plain)
        yield coded[4 if shift else 0 : -4 if coded.endswith(b"=") else None]


def _layers(data: bytes) -> Iterator[bytes]:
    yield data
    for head in ZLIB_HEAD.finditer(data):
        if inflated := _inflated(data[head.start() :]):
            yield inflated


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, MOST_INFLATED)
    except zlib.error:
        return b""
