"""Counts guesses at refresh tokens by a keyed hash of the address, so that nobody asks the database at will."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

MOST_GUESSES = 300  # a network with many people has some whose tokens are of no use any more
WITHIN = 60  # seconds


def is_guessing(request: HttpRequest) -> bool:
    """Say whether tokens that nobody was given came too often from there."""
    return bool(cache.get(_key(request), 0) >= MOST_GUESSES)


def note_guess(request: HttpRequest) -> None:
    """Count one; it is forgotten a minute after the first."""
    key = _key(request)
    if not cache.add(key, 1, timeout=WITHIN):
        try:
            cache.incr(key)
        except ValueError:  # it was forgotten between the two
            cache.add(key, 1, timeout=WITHIN)


def _key(request: HttpRequest) -> str:
    return f"refresh-guesses:{get_adapter(request).get_client_ip(request)}"
