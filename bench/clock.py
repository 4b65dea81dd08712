"""The clock that upstream and client share, as it stands in a token: CLOCK_MONOTONIC is one for all processes."""

from __future__ import annotations

import time

DIGITS = 11  # microseconds modulo 27 hours
WRAP: int = 10**DIGITS
SMALLEST = DIGITS + 1


def now_us() -> int:
    """Give the time as tokens carry it."""
    moment: int = time.monotonic_ns() // 1_000 % WRAP
    return moment


def stamp(size: int) -> bytes:
    """Write a token of so many characters: the clock, padding, and a space to end the word."""
    return b"%011d%s " % (now_us(), b"x" * (size - SMALLEST))


def ages(text: str, size: int, now: int) -> list[int]:
    """Give the age in microseconds of every token of a text that holds whole tokens only."""
    return [now - int(text[at : at + DIGITS]) for at in range(0, len(text), size)]
