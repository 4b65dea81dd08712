"""The worker's side: claim a mail, hand it to the mail server, and note how that went.

A mail goes out once, except when the server's answer was lost: then it is sent again, under the same Message-ID.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from smtplib import SMTPException
from time import monotonic
from uuid import UUID

import structlog
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.utils import timezone

from accounts.models import OutboxMail
from accounts.outbox import letters, sealing
from accounts.outbox.refusals import Refusal, understand
from caicaini.crypto import UnreadableError

log = structlog.get_logger(__name__)

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 4 * 60, 12 * 60))
MOST_ATTEMPTS = len(PAUSES) + 1
LEASE = timedelta(minutes=5)  # some 12 steps of a conversation by SMTP, each of at most EMAIL_TIMEOUT
OUTAGE = timedelta(minutes=2)  # that long after a failure new mails are left to the job, which tries one a minute
BUDGET = timedelta(seconds=45)  # a turn of the job; the next one, a minute later, goes on
MOST = 1_000  # mails a turn
CRASHED = Refusal("crashed", is_final=True)  # that many workers began and none came to an end
UNREADABLE = Refusal("unreadable", is_final=True)
UNWRITABLE = Refusal("template", is_final=True)


class Outcome(Enum):
    """How an attempt ended. TAKEN: another worker has the mail, or it is no longer due."""

    SENT = "sent"
    TAKEN = "taken"
    REFUSED = "refused"
    OUTAGE = "outage"


def send_one(mail: UUID, now: datetime) -> bool:
    """Send one mail that was just posted; says whether it is sent. While the server is down it is left to the job."""
    return not is_down(now) and _deliver(mail, now) is Outcome.SENT


def send_due(now: datetime) -> int:
    """Send what is due, until the time is up or the server turns out to be down; gives how many were sent."""
    deadline = monotonic() + BUDGET.total_seconds()
    sent = 0
    for mail in list(OutboxMail.objects.due(now).values_list("uuid", flat=True)[:MOST]):
        if monotonic() > deadline:
            break
        outcome = _deliver(mail, now)
        if outcome is Outcome.OUTAGE:
            break
        sent += outcome is Outcome.SENT
    return sent


def is_down(now: datetime) -> bool:
    """Say whether an attempt of the last minutes met an outage: hanging, mails would keep workers from all else."""
    return OutboxMail.objects.waiting().filter(met_outage=True, tried_at__gt=now - OUTAGE).exists()


def _deliver(uuid: UUID, now: datetime) -> Outcome:
    mail = _claim(uuid, now)
    if mail is None:
        return Outcome.TAKEN
    refusal = CRASHED if mail.attempts > MOST_ATTEMPTS else _attempt(mail)
    if refusal is None:
        _note_sent(mail)
        return Outcome.SENT
    _note(mail, refusal, now)
    return Outcome.OUTAGE if refusal.is_outage else Outcome.REFUSED


def _claim(uuid: UUID, now: datetime) -> OutboxMail | None:
    row = OutboxMail.objects.filter(uuid=uuid)
    return row.first() if row.claim(now, lease_until=now + LEASE) else None


def _attempt(mail: OutboxMail) -> Refusal | None:
    """Hand the mail over, outside of any transaction: it may take a minute."""
    try:
        address, context = sealing.open_up(mail)
        envelope = letters.message(mail, address, letters.write(mail, context))
    except UnreadableError:
        return UNREADABLE
    except (TemplateDoesNotExist, TemplateSyntaxError, letters.BadTemplate):
        return UNWRITABLE
    try:
        envelope.send()
    except (SMTPException, OSError) as error:
        return understand(error)
    return None


def _note_sent(mail: OutboxMail) -> None:
    """Empty the row, whoever holds it by now: the server has the mail, also when the lease was too short."""
    done = {"state": OutboxMail.State.SENT, "address": b"", "context": b"", "code": "", "ended_at": timezone.now()}
    OutboxMail.objects.filter(pk=mail.pk).update(**done)
    log.info("mail.sent", mail=str(mail.uuid), kind=mail.kind, count=mail.attempts)


def _note(mail: OutboxMail, refusal: Refusal, now: datetime) -> None:
    """Put the mail off, or aside for good, unless another worker has it by now."""
    held, said = OutboxMail.objects.held(mail), {"code": refusal.code, "met_outage": refusal.is_outage}
    if refusal.is_final or mail.attempts >= MOST_ATTEMPTS:
        held.update(state=OutboxMail.State.DEAD, ended_at=timezone.now(), **said)
        log.error("mail.dead", mail=str(mail.uuid), kind=mail.kind, code=refusal.code, count=mail.attempts)
        return
    held.update(due_at=now + PAUSES[mail.attempts - 1], **said)
    log.warning("mail.postponed", mail=str(mail.uuid), kind=mail.kind, code=refusal.code, count=mail.attempts)
