"""What chat does when something happens in a lower room: sign-out closes that sign-in's sockets."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.sessions import session_key
from chat import notices


@receiver(user_logged_out)
def close_sockets(sender: object, request: HttpRequest, user: User | None, **_kwargs: Any) -> None:
    """Push the revocation to open sockets; they would notice at their next acting frame anyway."""
    if user:
        notices.signed_out_now(user.uuid, session_key(request))
