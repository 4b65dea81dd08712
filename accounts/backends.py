"""Signing in by user name or e-mail address and password."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User


class NameOrEmailBackend(ModelBackend):
    """Finds the person by the normalised keys, and takes as long for an unknown name as for a known one."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **extra: Any
    ) -> User | None:
        name = username or extra.get("email")
        if not name or password is None:
            return None
        user = User.objects.called(name)
        if user is None:
            User().set_password(password)
            return None
        is_right = user.check_password(password)
        return user if is_right and self.user_can_authenticate(user) else None

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        """Refuse whoever is switched off or closed; Django asks it at sign-in, and at every request after."""
        is_closed = isinstance(user, User) and user.is_closed(timezone.now())
        return super().user_can_authenticate(user) and not is_closed
