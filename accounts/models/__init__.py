"""The tables of accounts, by topic."""

from accounts.models.abuse import AbuseCase, AbuseSignal, Appeal, Reason, Sanction, SignalKind
from accounts.models.mail import OutboxMail
from accounts.models.people import User, UserManager, normalised
from accounts.models.sessions import RefreshToken, TokenFamily

__all__ = [
    "AbuseCase",
    "AbuseSignal",
    "Appeal",
    "OutboxMail",
    "Reason",
    "RefreshToken",
    "Sanction",
    "SignalKind",
    "TokenFamily",
    "User",
    "UserManager",
    "normalised",
]
