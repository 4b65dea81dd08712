"""The tables of accounts, by topic."""

from accounts.models.abuse import AbuseCase, AbuseSignal, Appeal, Reason, Sanction, SignalKind
from accounts.models.people import User, UserManager, normalised

__all__ = [
    "AbuseCase",
    "AbuseSignal",
    "Appeal",
    "Reason",
    "Sanction",
    "SignalKind",
    "User",
    "UserManager",
    "normalised",
]
