"""Signing up: the account, what was accepted, and for 90 days the signals by which duplicate accounts are found."""

from accounts.signup.origin import Origin, of_headers
from accounts.signup.recording import Shown, forget, keys_in_use, shown_to
from accounts.signup.registering import has_account, register
from accounts.signup.unconfirmed import forget_unconfirmed
from accounts.signup.welcome import welcome

__all__ = [
    "Origin",
    "Shown",
    "forget",
    "forget_unconfirmed",
    "has_account",
    "keys_in_use",
    "of_headers",
    "register",
    "shown_to",
    "welcome",
]
