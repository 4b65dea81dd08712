"""The tables of accounts, by topic."""

from accounts.models.people import User, UserManager, normalised
from accounts.models.sessions import RefreshToken, TokenFamily

__all__ = ["RefreshToken", "TokenFamily", "User", "UserManager", "normalised"]
