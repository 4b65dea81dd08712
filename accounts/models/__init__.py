"""The tables of accounts, by topic."""

from accounts.models.factors import AddressChange, FactorReset
from accounts.models.mail import OutboxMail
from accounts.models.people import User, UserManager, normalised
from accounts.models.sessions import RefreshToken, TokenFamily

__all__ = [
    "AddressChange",
    "FactorReset",
    "OutboxMail",
    "RefreshToken",
    "TokenFamily",
    "User",
    "UserManager",
    "normalised",
]
