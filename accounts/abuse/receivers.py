"""What happens elsewhere in accounts and points to misuse."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from accounts.abuse.signals import signal
from accounts.models import SignalKind, TokenFamily, User
from accounts.signals import family_stolen, signup_matched


@receiver(signup_matched)
def note_sign_up(sender: object, user: User, kind: str, evidence: str, now: datetime, **_kwargs: Any) -> None:
    """Somebody signed up who looks like somebody that is here already, or gave a throw-away address."""
    signal(user, SignalKind(kind), now, evidence)


@receiver(family_stolen)
def note_theft(sender: object, family: TokenFamily, **_kwargs: Any) -> None:
    """A used token came again: it weighs nothing against its owner, and whoever judges should know it."""
    signal(family.user, SignalKind.SESSION_THEFT, timezone.now(), f"family:{family.uuid}")
