"""Knows some well-known services of throw-away mail addresses: a signal, never a wall."""

from __future__ import annotations

from functools import cache
from pathlib import Path

LIST = Path(__file__).parent / "disposable_domains.txt"


def is_disposable(address: str) -> bool:
    """Say whether the address's domain, or one above it, is on our list."""
    labels = _domain(address).split(".")
    return any(".".join(labels[start:]) in _known() for start in range(len(labels) - 1))


def _domain(address: str) -> str:
    """Give the domain as the name service knows it: lower case, punycode, no dot at the end."""
    domain = address.rpartition("@")[2].strip().rstrip(".").lower()
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:  # no such name can exist
        return domain


@cache
def _known() -> frozenset[str]:
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))
