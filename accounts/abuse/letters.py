"""The mails about sanctions, and the one place from which this package hands mail over."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts import measures, outbox
from accounts.models import Sanction


def sanction_set(sanction: Sanction, now: datetime) -> None:
    """Tell a person what limits them from now on, why, until when and how to object."""
    _post("sanction_set", sanction, now, until=measures.until(sanction), is_by_operator=int(not sanction.is_by_machine))


def sanction_lifted(sanction: Sanction, now: datetime) -> None:
    """Tell a person that they are no longer limited."""
    _post("sanction_lifted", sanction, now)


def appeal_answered(sanction: Sanction, now: datetime) -> None:
    """Tell a person that an answer is there; it is read on the page."""
    _post("appeal_answered", sanction, now)


def _post(kind: str, sanction: Sanction, now: datetime, **context: str | int) -> None:
    person = sanction.user
    outbox.post(
        kind,
        person.email,
        person,
        now,
        expires_at=None,
        measure=str(sanction.get_kind_display()),
        reason=str(sanction.get_reason_display()),
        page=f"{settings.SITE_URL}{reverse('account_standing')}",
        **context,
    )
