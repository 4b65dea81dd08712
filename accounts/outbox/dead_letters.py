"""Mails that were given up: an operator may have them tried again once the reason is gone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import OutboxMail
from accounts.outbox.tasks import send_on_commit
from caicaini import audit


def try_again(mails: Iterable[OutboxMail], now: datetime, actor: UUID | None) -> int:
    """Make dead letters due again, with all their attempts, on record for each; gives how many."""
    with transaction.atomic():
        revived = [mail for mail in mails if _revive(mail, now)]
        for mail in revived:
            send_on_commit(mail.uuid)
        for mail in revived:
            audit.record(
                "mail.tried_again",
                now=now,
                actor=actor,
                subject_type="accounts.OutboxMail",
                subject=str(mail.uuid),
                kind=mail.kind,
                code=mail.code,
            )
    return len(revived)


def _revive(mail: OutboxMail, now: datetime) -> bool:
    waiting = {"state": OutboxMail.State.WAITING, "attempts": 0, "due_at": now, "ended_at": None, "met_outage": False}
    return OutboxMail.objects.filter(pk=mail.pk).dead().exclude(expires_at__lte=now).update(**waiting) == 1
