"""What people are told by mail about their second factor: the one place that posts it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format

from accounts import outbox
from accounts.models import User


def tell(kind: str, user: User, now: datetime, *, expires_at: datetime | None = None, **context: str | int) -> None:
    """Post one mail of a kind in `templates/mail/` within the caller's transaction."""
    outbox.post(kind, user.email, user, now, expires_at=expires_at, when=when(now), username=user.username, **context)


def when(moment: datetime) -> str:
    """Write a time as mails say it."""
    return f"{date_format(moment, 'j F Y, H:i')} UTC"


def address(view: str, *arguments: object) -> str:
    """Give the full address of a page."""
    return f"{settings.SITE_URL}{reverse(view, args=arguments)}"
