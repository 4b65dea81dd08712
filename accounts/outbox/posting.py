"""Posting a mail: one sealed row, and a task with its id for the worker once the caller's transaction is through."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.models import OutboxMail, User
from accounts.outbox import letters, sealing
from accounts.outbox.tasks import send_on_commit


class BadAddress(ValueError):
    """A mail goes to exactly one address; the text does not quote what was given."""


def post(
    kind: str,
    to: str,
    user: User | None,
    now: datetime,
    *,
    expires_at: datetime | None = None,
    **context: str | int,
) -> None:
    """Store a mail of this kind, to be sent when the transaction around is committed.

    `kind` names its templates, `templates/mail/<kind>.txt` and `.html`; `context` is what they say. `expires_at` is for
    mails with a code or link: nobody is sent what no longer works. `user` is whose account it is about, if anybody's.
    Raises letters.UnknownKind, BadAddress and TypeError, all of them bugs of the caller.
    """
    letters.require_kind(kind)
    mail = OutboxMail(kind=kind, user=user, created_at=now, due_at=now, expires_at=expires_at)
    sealing.close(mail, _address(to), {name: _plain(name, value) for name, value in context.items()})
    mail.save(force_insert=True)
    send_on_commit(mail.uuid)


def _address(to: str) -> str:
    try:
        validate_email(to)
    except ValidationError:
        raise BadAddress("not one e-mail address") from None
    if letters.on_one_line(to) != to:  # quoted, a local part may hold control characters
        raise BadAddress("control characters in an e-mail address")
    return to


def _plain(name: str, value: object) -> str | int:
    if isinstance(value, str):
        return letters.on_one_line(value)
    if isinstance(value, int):
        return value
    raise TypeError(f"the context of a mail is texts and whole numbers; {name} is neither")
