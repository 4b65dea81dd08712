"""What a sanction stops, and the words in which it is refused."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.errors import NotAllowed
from accounts.models import Sanction, User
from caicaini.personal_data import Purpose

Kind = Sanction.Kind
# Signing in, reading, exporting, deleting and appealing stay possible for everybody.
STOPPED: dict[str, frozenset[Purpose]] = {
    Kind.BAN: frozenset({Purpose.CHAT, Purpose.BILLING}),
    Kind.SUSPEND: frozenset({Purpose.CHAT, Purpose.BILLING}),
    Kind.CAPTCHA: frozenset({Purpose.CHAT}),
}
SLOW_SENDS_PER_MINUTE = 6  # somebody who reads the answers does not notice it


def in_force(user: User, now: datetime) -> list[Sanction]:
    """Give what limits this person; asks the database only when the row in hand says that something does."""
    if user.sanctioned_until is None or user.sanctioned_until <= now:
        return []
    return list(Sanction.objects.in_force(now).filter(user=user))


def require_unsanctioned(user: User, purpose: Purpose, now: datetime) -> None:
    """Raise NotAllowed when a sanction stops this purpose; the hardest one speaks."""
    by_kind = {sanction.kind: sanction for sanction in in_force(user, now)}
    for kind, purposes in STOPPED.items():
        if kind in by_kind and purpose in purposes and not _is_passed(by_kind[kind], now):
            raise _refusal(by_kind[kind])


def sends_per_minute(user: User, usual: int, now: datetime) -> int:
    """Give how many messages this person may send a minute."""
    is_slowed = any(sanction.kind == Kind.SLOW for sanction in in_force(user, now))
    return min(usual, SLOW_SENDS_PER_MINUTE) if is_slowed else usual


def _is_passed(sanction: Sanction, now: datetime) -> bool:
    return sanction.passed_until is not None and sanction.passed_until > now


def _refusal(sanction: Sanction) -> NotAllowed:
    facts = {
        "reason": sanction.get_reason_display(),
        "until": until(sanction),
        "page": reverse("account_standing"),
    }
    if sanction.kind == Kind.CAPTCHA:
        return NotAllowed(
            _(
                "Before you go on, please show that you are a person, because of %(reason)s. Your text is kept. "
                "Do it at %(page)s, where you can also appeal."
            )
            % facts,
            code="captcha_needed",
        )
    if sanction.kind == Kind.BAN and sanction.expires_at is None:
        return NotAllowed(
            _(
                "An operator has banned this account because of %(reason)s. You can still read, export and delete "
                "what is yours. Read more and appeal at %(page)s."
            )
            % facts,
            code="account_banned",
        )
    return NotAllowed(
        _(
            "An operator has suspended this account until %(until)s because of %(reason)s. You can still read, "
            "export and delete what is yours. Read more and appeal at %(page)s."
        )
        % facts,
        code="account_banned" if sanction.kind == Kind.BAN else "account_suspended",
    )


def until(sanction: Sanction) -> str:
    """Write when it ends, in UTC; "further notice" when it does not by itself."""
    if sanction.expires_at is None:
        return _("further notice")
    return _("%(time)s UTC") % {"time": date_format(sanction.expires_at, "j F Y, H:i")}
