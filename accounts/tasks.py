"""The background work of accounts: Celery looks for tasks here, so those of its packages are named here."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from accounts import tokens
from accounts.abuse import upkeep
from accounts.outbox.tasks import forget_old_mail, send_due_mail, send_mail
from caicaini import slots

__all__ = ["forget_old_abuse", "forget_old_mail", "forget_old_tokens", "send_due_mail", "send_mail"]


@shared_task
def forget_old_tokens() -> None:
    """Daily: end sign-ins that were idle for too long, delete tokens that are of no use."""
    slots.run_once("accounts.forget_tokens", timezone.now(), timedelta(days=1), tokens.forget_old)


@shared_task
def forget_old_abuse() -> None:
    """Daily: delete signals, sanctions and cases that have been kept long enough."""
    slots.run_once("accounts.forget_abuse", timezone.now(), timedelta(days=1), upkeep.forget_old)
