"""The tables of accounts, by topic."""

from accounts.models.mail import OutboxMail
from accounts.models.people import User, UserManager, normalised

__all__ = ["OutboxMail", "User", "UserManager", "normalised"]
