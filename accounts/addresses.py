"""Network addresses and names as counters know them: under a keyed hash whose key changes every day."""

from __future__ import annotations

import hashlib
import hmac
from ipaddress import ip_network

from django.conf import settings
from django.core.cache.backends.base import default_key_func
from django.utils import timezone

ALLAUTH = "allauth:"
IPV6_PREFIX = 64  # what one household gets: whoever has it has all its addresses


def network(address: str) -> str:
    """Give what stands for an address: itself, or its IPv6 network."""
    return str(ip_network(f"{address}/{IPV6_PREFIX}", strict=False)) if ":" in address else address


def hidden(text: str) -> str:
    """Give a keyed hash, useless the day after."""
    key = f"{settings.SECRET_KEY}{timezone.now():%Y-%m-%d}".encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


def cache_key(key: str, prefix: str, version: int) -> str:
    """Give the name under which the cache holds something: Django's own, but for what allauth counts attempts by.

    That is a plain hash of an e-mail address, which anybody can compute who has a guess.
    """
    name = f"{ALLAUTH}{hidden(key)}" if key.startswith(ALLAUTH) else key
    return default_key_func(name, prefix, version)
