"""Everything that is written down when somebody has signed up."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts import documents
from accounts.models import Acceptance, User
from accounts.signals import signup_matched
from accounts.signup import disposable, duplicates, recording
from accounts.signup.origin import Origin

ACCEPTED = {
    Acceptance.Document.TERMS: documents.TERMS_VERSION,
    Acceptance.Document.POLICY: documents.POLICY_VERSION,
    Acceptance.Document.AGE: documents.LEAST_AGE,
}


def welcome(user: User, origin: Origin, now: datetime) -> None:
    """Store what was accepted and where it came from; report what it has in common with other sign-ups.

    Reports go out inside the transaction: what they lead to is undone with it.
    """
    with transaction.atomic():
        Acceptance.objects.bulk_create(
            Acceptance(user=user, document=document, version=version, at=now) for document, version in ACCEPTED.items()
        )
        row = recording.record(user, origin, now)
        evidence = f"signup:{row.uuid}"
        if duplicates.is_one_of_many(row, origin):
            signup_matched.send(User, user=user, kind="duplicate_account", evidence=evidence, now=now)
        if disposable.is_disposable(user.email):
            signup_matched.send(User, user=user, kind="disposable_mail", evidence=evidence, now=now)
