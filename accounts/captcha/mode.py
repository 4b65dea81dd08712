"""Which of the checks is in force: it follows from the settings alone."""

from __future__ import annotations

from enum import Enum

from django.conf import settings


class Mode(Enum):
    """Turnstile where it is configured; else in development a check of our own; else none, and sign-up is closed."""

    TURNSTILE = "turnstile"
    LOCAL = "local"
    NONE = "none"


def mode() -> Mode:
    """Read the settings."""
    if settings.TURNSTILE_SITE_KEY and settings.TURNSTILE_SECRET_KEY:
        return Mode.TURNSTILE
    return Mode.LOCAL if settings.DEBUG else Mode.NONE
