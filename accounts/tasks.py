"""The background work of accounts: Celery looks for tasks here, so those of its packages are named here."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from accounts import identity, signup
from accounts.abuse import upkeep
from accounts.factors import resets
from accounts.outbox.tasks import forget_old_mail, send_due_mail, send_mail
from accounts.sign_ins import tokens
from caicaini import slots

__all__ = [
    "forget_old_abuse",
    "forget_old_address_changes",
    "forget_old_mail",
    "forget_old_tokens",
    "forget_signup_signals",
    "forget_unconfirmed_accounts",
    "go_on_with_factor_resets",
    "send_due_mail",
    "send_mail",
]


@shared_task
def forget_old_address_changes() -> None:
    """Every hour: delete changes of address that nobody can undo any more."""
    slots.run_once("accounts.forget_changes", timezone.now(), timedelta(hours=1), identity.forget_old_changes)


@shared_task
def forget_old_tokens() -> None:
    """Daily: end sign-ins that were idle for too long, delete tokens that are of no use."""
    slots.run_once("accounts.forget_tokens", timezone.now(), timedelta(days=1), tokens.forget_old)


@shared_task
def go_on_with_factor_resets() -> None:
    """Every minute: mail the links of requests that are due, close those that ran out."""
    slots.run_once("accounts.factor_resets", timezone.now(), timedelta(minutes=1), resets.go_on)


@shared_task
def forget_signup_signals() -> None:
    """Daily: delete the signals of sign-ups when their time is over, and the keys that nothing needs any more."""
    slots.run_once("accounts.forget_signup_signals", timezone.now(), timedelta(days=1), signup.forget)


@shared_task
def forget_unconfirmed_accounts() -> None:
    """Daily: delete accounts whose address nobody confirmed."""
    slots.run_once("accounts.forget_unconfirmed", timezone.now(), timedelta(days=1), signup.forget_unconfirmed)


@shared_task
def forget_old_abuse() -> None:
    """Daily: delete signals, sanctions and cases that have been kept long enough."""
    slots.run_once("accounts.forget_abuse", timezone.now(), timedelta(days=1), upkeep.forget_old)
