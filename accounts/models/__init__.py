"""The tables of accounts, by topic."""

from accounts.models.abuse import AbuseCase, AbuseSignal, Appeal, Reason, Sanction, SignalKind
from accounts.models.address_changes import EmailChange
from accounts.models.factors import FactorReset
from accounts.models.mail import OutboxMail
from accounts.models.people import User, UserManager, normalised
from accounts.models.sessions import RefreshToken, TokenFamily
from accounts.models.signup import Acceptance, SignupSignal

__all__ = [
    "AbuseCase",
    "AbuseSignal",
    "Acceptance",
    "Appeal",
    "EmailChange",
    "FactorReset",
    "OutboxMail",
    "Reason",
    "RefreshToken",
    "Sanction",
    "SignalKind",
    "SignupSignal",
    "TokenFamily",
    "User",
    "UserManager",
    "normalised",
]
