"""What happens elsewhere in accounts and points to misuse."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from accounts.abuse.signals import signal
from accounts.models import SignalKind, TokenFamily, User
from accounts.signals import disposable_mail_used, family_stolen, signup_matched


@receiver(signup_matched)
def note_duplicate(sender: object, user: User, evidence: str = "", **_kwargs: Any) -> None:
    """Somebody signed up who looks like somebody that is here already."""
    signal(user, SignalKind.DUPLICATE_ACCOUNT, timezone.now(), evidence)


@receiver(disposable_mail_used)
def note_disposable_mail(sender: object, user: User, evidence: str = "", **_kwargs: Any) -> None:
    """Somebody gave a throw-away address."""
    signal(user, SignalKind.DISPOSABLE_MAIL, timezone.now(), evidence)


@receiver(family_stolen)
def note_theft(sender: object, family: TokenFamily, **_kwargs: Any) -> None:
    """A used token came again: it weighs nothing against its owner, and whoever judges should know it."""
    signal(family.user, SignalKind.SESSION_THEFT, timezone.now(), f"family:{family.uuid}")
