"""Which of the checks is in force: it follows from the settings alone."""

from __future__ import annotations

from enum import Enum, StrEnum

from django.conf import settings


class Mode(Enum):
    """Turnstile where it is configured; else in development a check of our own; else none, and sign-up is closed."""

    TURNSTILE = "turnstile"
    LOCAL = "local"
    NONE = "none"


class Action(StrEnum):
    """The guarded forms, by the names that Turnstile's dashboard shows."""

    SIGNUP = "signup"
    LOGIN = "login"
    RESET = "reset"


def mode(action: Action | None = None) -> Mode:
    """Read the settings. Asking for a new password has our own check in any case.

    That Turnstile stands where people sign up and sign in, and nowhere else, is a promise of the privacy policy.
    """
    if action is Action.RESET:
        return Mode.LOCAL
    if settings.TURNSTILE_SITE_KEY and settings.TURNSTILE_SECRET_KEY:
        return Mode.TURNSTILE
    return Mode.LOCAL if settings.DEBUG else Mode.NONE
