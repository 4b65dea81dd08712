"""Who looked at somebody's data: what operators did to an account, from the audit's chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from caicaini import audit
from caicaini.audit import RETAIN_FOR
from caicaini.models import AuditEvent

MOST_SHOWN = 100
VIEW = "account.viewed"
VIEWS_APART = timedelta(minutes=5)  # opening a page again and again is one look
WORDS = {
    VIEW: gettext_lazy("An operator opened your account in the console."),
    "account.changed": gettext_lazy("An operator changed what your account may do."),
    "abuse.case_opened": gettext_lazy("An operator began to look into signs of abuse."),
    "abuse.case_decided": gettext_lazy("An operator decided about signs of abuse."),
    "abuse.sanction_lifted": gettext_lazy("An operator lifted a limit of your account."),
    "abuse.appeal_read": gettext_lazy("An operator read your appeal."),
    "abuse.appeal_answered": gettext_lazy("An operator answered your appeal."),
    "account.signed_out": gettext_lazy("An operator ended all your sign-ins."),
    "account.factors_reset": gettext_lazy("An operator removed your second factor."),
}


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that an operator did."""

    at: datetime
    words: str


def at(user: User, now: datetime) -> list[Look]:
    """Give what operators did to this account, newest first; never who they are. One query by an indexed column."""
    events = AuditEvent.objects.filter(subject=str(user.uuid), actor__isnull=False, at__gt=now - RETAIN_FOR)
    newest = events.exclude(actor=user.uuid).order_by("-sequence")[:MOST_SHOWN]
    return [Look(event.at, describe(event.action)) for event in newest]


def describe(action: str) -> str:
    """Put an action into plain words."""
    words = WORDS.get(action)
    return str(words) if words else _("An operator did this to your account: %(action)s.") % {"action": action}


def record(user: User, operator: User, now: datetime) -> None:
    """Note that an operator opened an account."""
    seen = AuditEvent.objects.filter(subject=str(user.uuid), actor=operator.uuid, action=VIEW, at__gt=now - VIEWS_APART)
    if not seen.exists():
        audit.record(VIEW, now=now, actor=operator.uuid, subject_type="accounts.User", subject=str(user.uuid))
