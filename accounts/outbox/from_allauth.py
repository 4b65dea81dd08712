"""The mails that allauth sends, by the name of its template: which kind of ours each is, and what ours says.

What allauth passes on is not taken over whole: it holds users, requests, browsers and hashes of addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from allauth.account import app_settings
from django.conf import settings
from django.utils.translation import ngettext

from accounts.models import User
from accounts.outbox.posting import post

Said = Mapping[str, Any]


class UnknownMail(LookupError):
    """allauth sends a mail that has no place in `KINDS`."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`words` takes our context from allauth's; `lasts` says how long what stands in the mail works."""

    name: str
    words: Callable[[Said], dict[str, str | int]] = field(default=lambda _said: {})
    lasts: Callable[[], timedelta | None] = field(default=lambda: None)


def _link(url: str) -> str:
    """Give the same page under the site's own address, whatever host name the request came by."""
    parts = urlsplit(url)
    return f"{settings.SITE_URL}{parts.path}" + (f"?{parts.query}" if parts.query else "")


def _span(seconds: int) -> str:
    """Write a duration in hours where they are whole, else in minutes."""
    if seconds % 3600:
        return ngettext("%(count)s minute", "%(count)s minutes", seconds // 60) % {"count": seconds // 60}
    return ngettext("%(count)s hour", "%(count)s hours", seconds // 3600) % {"count": seconds // 3600}


def _code(said: Said) -> dict[str, str | int]:
    return {"code": said["code"], "minutes": app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT // 60}


def _reset(said: Said) -> dict[str, str | int]:
    return {"link": _link(said["password_reset_url"]), "lasts": _span(settings.PASSWORD_RESET_TIMEOUT)}


CODE = Kind("verify_email", _code, lambda: timedelta(seconds=app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT))
PASSWORD_CHANGED = Kind("password_changed")
KINDS = {
    "account/email/email_confirmation_signup": CODE,
    "account/email/email_confirmation": CODE,
    "account/email/password_reset_key": Kind(
        "password_reset", _reset, lambda: timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    ),
    "account/email/unknown_account": Kind("password_reset_unknown"),
    "account/email/account_already_exists": Kind(
        "account_already_exists", lambda said: {"link": _link(said["password_reset_url"])}
    ),
    "account/email/password_changed": PASSWORD_CHANGED,
    "account/email/password_set": PASSWORD_CHANGED,
    "account/email/password_reset": PASSWORD_CHANGED,
    "account/email/email_changed": Kind("email_changed_old"),
}


def forward(template_prefix: str, to: str, said: Said, now: datetime) -> None:
    """Post the mail of ours that stands for one of allauth's; raises UnknownMail when there is none."""
    if template_prefix not in KINDS:
        raise UnknownMail(f"{template_prefix} has no kind of ours in {__name__}.KINDS")
    kind = KINDS[template_prefix]
    lasts = kind.lasts()
    user = said.get("user")
    post(
        kind.name,
        to,
        user if isinstance(user, User) else None,
        now,
        expires_at=now + lasts if lasts else None,
        **kind.words(said),
    )
