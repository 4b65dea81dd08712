"""The tables of accounts, by topic."""

from accounts.models.address_changes import EmailChange
from accounts.models.factors import FactorReset
from accounts.models.mail import OutboxMail
from accounts.models.people import User, UserManager, normalised
from accounts.models.sessions import RefreshToken, TokenFamily
from accounts.models.signup import Acceptance, SignupSignal

__all__ = [
    "Acceptance",
    "EmailChange",
    "FactorReset",
    "OutboxMail",
    "RefreshToken",
    "SignupSignal",
    "TokenFamily",
    "User",
    "UserManager",
    "normalised",
]
