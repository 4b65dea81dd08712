"""The tables of accounts, by topic."""

from accounts.models.people import User, UserManager, normalised
from accounts.models.sessions import RefreshToken, TokenFamily
from accounts.models.signup import Acceptance, SignupSignal

__all__ = ["Acceptance", "RefreshToken", "SignupSignal", "TokenFamily", "User", "UserManager", "normalised"]
