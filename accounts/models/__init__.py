"""The tables of accounts, by topic."""

from accounts.models.address_changes import EmailChange
from accounts.models.factors import FactorReset
from accounts.models.mail import OutboxMail
from accounts.models.people import User, UserManager, normalised
from accounts.models.sessions import RefreshToken, TokenFamily

__all__ = [
    "EmailChange",
    "FactorReset",
    "OutboxMail",
    "RefreshToken",
    "TokenFamily",
    "User",
    "UserManager",
    "normalised",
]
