"""What follows from changes at allauth and from what happens to sign-ins."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import email_changed, password_changed, password_reset, password_set
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts import tokens
from accounts.models import User
from accounts.sessions import family_of


@receiver([password_changed, password_set, email_changed])
def end_other_sign_ins(sender: object, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Whoever changes how the account is proven stays; everybody else has to prove it anew."""
    tokens.end_others(user, family_of(request), tokens.End.CREDENTIALS, timezone.now())


@receiver(password_reset)
def end_all_sign_ins(sender: object, user: User, **_kwargs: Any) -> None:
    """A reset is for somebody who lost control: nobody stays."""
    tokens.end_all(user, tokens.End.CREDENTIALS, timezone.now())
