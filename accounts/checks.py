"""Leaves out what Django's checks say about some models and is known: by model, so that others are still told of."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.checks import CheckMessage
from django.db.models import Model

from accounts.models import User

KNOWN: dict[type[Model], str] = {
    # allauth's conditional constraints do not exist on MariaDB. What they are for holds there all the same: an address
    # belongs to one account by `User.email_key`.
    EmailAddress: "models.W036",
    # Nor does the one that keeps a person to one app and one set of codes: `accounts.factor_pages.changing` adds them
    # with the person's row locked.
    Authenticator: "models.W036",
    # 400 characters are 1,600 bytes, and InnoDB indexes up to 3,072.
    User: "mysql.W003",
}


def leave_out_known() -> None:
    """Do it, once."""
    for model, known in KNOWN.items():
        _leave_out(model, known)


def _leave_out(model: type[Model], known: str) -> None:
    every = model.check

    def check(_model: type[Model], /, **options: Any) -> list[CheckMessage]:
        return [message for message in every(**options) if message.id != known]

    model.check = classmethod(check)  # type: ignore[assignment]
