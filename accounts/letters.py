"""The mails about a changed address and a closing account."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts import outbox
from accounts.models import EmailChange, User
from accounts.models.address_changes import CODE_LASTS, UNDO_LASTS


def send_address_code(change: EmailChange, code: str, now: datetime) -> None:
    """Write to the new address: the code."""
    minutes = int(CODE_LASTS.total_seconds() // 60)
    until = now + CODE_LASTS
    outbox.post("address_code", change.new_email, change.user, now, expires_at=until, code=code, minutes=minutes)


def send_address_in_use(email: str, now: datetime) -> None:
    """Write to an address that has an account already: somebody wanted it for another one."""
    outbox.post("address_in_use", email, None, now)


def send_address_changed(change: EmailChange, token: str, now: datetime) -> None:
    """Write to both addresses: what changed, and to the old one the link that undoes it."""
    path = reverse("account_address_undo", args=[change.uuid, token])
    outbox.post(
        "address_changed",
        change.old_email,
        change.user,
        now,
        name=change.user.username,
        link=f"{settings.SITE_URL}{path}",
        until=_written(now + UNDO_LASTS),
        expires_at=now + UNDO_LASTS,
    )
    outbox.post("email_changed_new", change.new_email, change.user, now)


def send_address_restored(user: User, now: datetime) -> None:
    """Write to the address that is the account's again."""
    outbox.post("address_restored", user.email, user, now, name=user.username)


def send_address_too_young(user: User, now: datetime) -> None:
    """Say why no link to a new password comes to an address that changed a short while ago."""
    outbox.post("address_too_young", user.email, user, now)


def send_closing_announced(user: User, closes_at: datetime, anonymised_by: datetime, now: datetime) -> None:
    """Say what happens when, and how to stop it."""
    outbox.post(
        "closing_announced",
        user.email,
        user,
        now,
        name=user.username,
        closes=_written(closes_at),
        anonymised=_written(anonymised_by),
        link=_site("account_close"),
    )


def send_closing_cancelled(user: User, now: datetime) -> None:
    """Say that all stays as it was."""
    outbox.post("closing_cancelled", user.email, user, now, name=user.username, link=_site("account"))


def _site(name: str) -> str:
    return f"{settings.SITE_URL}{reverse(name)}"


def _written(moment: datetime) -> str:
    return f"{moment:%d %B %Y, %H:%M} UTC".lstrip("0")
