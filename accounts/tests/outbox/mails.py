"""Mails to post, and looks at what is stored of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from accounts import outbox
from accounts.models import OutboxMail, User

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ANN, BOB = "ann@example.test", "bob@example.test"
CODE = "KANARIE-4711"
State = OutboxMail.State


def posted(to: str = ANN, kind: str = "password_changed", user: User | None = None, **more: Any) -> OutboxMail:
    """Post a mail at NOW and give its row."""
    outbox.post(kind, to, user, more.pop("now", NOW), **more)
    return OutboxMail.objects.latest("pk")


def with_code(to: str = ANN, lasts: timedelta = timedelta(minutes=15), **more: Any) -> OutboxMail:
    return posted(to, "verify_email", expires_at=NOW + lasts, code=CODE, minutes=15, **more)


def fresh(mail: OutboxMail) -> OutboxMail:
    mail.refresh_from_db()
    return mail


def is_empty(mail: OutboxMail) -> bool:
    return not bytes(mail.address) and not bytes(mail.context)
