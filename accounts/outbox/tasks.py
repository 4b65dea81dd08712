"""The worker's tasks about mail: one when a mail is posted, one a minute for whatever is due, one a day to forget."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from accounts.outbox import expiry, sending
from caicaini import slots


@shared_task
def send_mail(mail: str) -> None:
    """Send one mail, named by its uuid."""
    sending.send_one(UUID(mail), timezone.now())


def send_on_commit(mail: UUID) -> None:
    """Tell the worker of a mail once the caller's transaction is through.

    Robust: the mail is stored and will be found, so a queue that is down must not turn what was done into an error.
    """

    def send() -> None:  # no `partial`: Django wants a name for its log when it fails
        send_mail.delay(str(mail))

    transaction.on_commit(send, robust=True)


@shared_task
def send_due_mail() -> None:
    """Every minute: drop outdated codes, then send what failed before or whose message in the queue was lost."""
    slots.run_once("accounts.mail", timezone.now(), timedelta(minutes=1), _turn)


def _turn(now: datetime) -> int:
    expiry.expire(now)
    return sending.send_due(now)


@shared_task
def forget_old_mail() -> None:
    """Daily: delete rows of mails older than 30 days."""
    slots.run_once("accounts.forget_mail", timezone.now(), timedelta(days=1), expiry.forget_old)
