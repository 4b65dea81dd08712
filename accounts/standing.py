"""The one gate that every send, purchase and task asks before it does something for a person."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import measures
from accounts.errors import NotAllowed
from accounts.models import User
from caicaini.personal_data import Purpose

# A restricted person's data is stored and nothing else (Art. 18(2)); seeing and exporting it stays possible.
STOPPED_BY_RESTRICTION = frozenset({Purpose.CHAT, Purpose.ABUSE, Purpose.BILLING})
STOPPED_BY_CLOSING = frozenset({Purpose.CHAT, Purpose.BILLING})


def require(user: User, purpose: Purpose, now: datetime | None = None) -> None:
    """Raise NotAllowed unless `purpose` may be served for this person now.

    Reads only the row it is given, and one more when that says that a sanction limits the person.
    """
    if not user.is_active:
        raise NotAllowed(_("This account is not active."), code="account_inactive")
    if purpose is Purpose.CHAT and not user.email_verified_at:
        raise NotAllowed(
            _("Your e-mail address is not confirmed yet. Confirm it at /account/verify/, then send again."),
            code="email_unverified",
        )
    if user.closing_at and purpose in STOPPED_BY_CLOSING:
        raise NotAllowed(
            _("This account is being closed, so nothing can be sent. Keep it, and it can."), code="account_closing"
        )
    if user.restricted_at and purpose in STOPPED_BY_RESTRICTION:
        raise NotAllowed(
            _("Processing is restricted for this account at your request, so nothing can be sent."),
            code="account_restricted",
        )
    measures.require_unsanctioned(user, purpose, now or timezone.now())


def hindrance(user: User, purpose: Purpose, now: datetime | None = None) -> NotAllowed | None:
    """Give what `require` would raise, for a page that says it before somebody tries."""
    try:
        require(user, purpose, now)
    except NotAllowed as refusal:
        return refusal
    return None


def may(user: User, purpose: Purpose, now: datetime | None = None) -> bool:
    """Whether `require` lets this pass."""
    return hindrance(user, purpose, now) is None


def sends_per_minute(user: User, usual: int, now: datetime) -> int:
    """Give how many messages this person may send a minute: the usual number, or fewer because of a sanction."""
    return measures.sends_per_minute(user, usual, now)
