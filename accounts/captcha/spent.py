"""Remembers answers that were used, so that none counts twice; what is kept is a hash."""

from __future__ import annotations

import hashlib

import structlog
from django.core.cache import cache

log = structlog.get_logger(__name__)


def is_first_use(token: str, seconds: int) -> bool:
    """Note a token for as long as it would be valid; says whether it is new. Without the cache every token is new."""
    key = f"captcha:spent:{hashlib.sha256(token.encode()).hexdigest()}"
    try:
        return bool(cache.add(key, True, timeout=seconds))
    except Exception:  # Turnstile itself takes a token once; a person at the door matters more than counting twice
        log.exception("captcha.cache_failed")
        return True
