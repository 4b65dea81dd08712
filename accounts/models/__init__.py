"""The tables of accounts, by topic."""

from accounts.models.people import User, UserManager, normalised

__all__ = ["User", "UserManager", "normalised"]
