"""The tables of accounts, by topic."""

from accounts.models.address_changes import EmailChange
from accounts.models.people import User, UserManager, normalised

__all__ = ["EmailChange", "User", "UserManager", "normalised"]
