"""Disguises as such: text in invisible characters, words split by them, letters of another script, letters apart."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.injection.findings import Finding
from accounts.injection.normalising import Plain

LEAST_INVISIBLE = 8  # characters


def findings(plain: Plain) -> Iterator[Finding]:
    """Say how a text was disguised; weak by themselves, apart from a text that nobody can see."""
    if len(plain.invisible) >= LEAST_INVISIBLE:
        yield Finding("hidden.tags", 40)
    if plain.split_words >= 2:
        yield Finding("hidden.split_words", 15)
    if plain.mixed_words >= 2:
        yield Finding("hidden.mixed_scripts", 15)
    if plain.is_spaced:
        yield Finding("hidden.letters_apart", 10)
