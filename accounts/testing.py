"""Signing people in without asking them: for tests, the benchmark and the pictures of the documentation."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from accounts import cookies, tokens
from accounts.models import User
from accounts.tokens import Device, Kind


def sign_in(user: User) -> dict[str, str]:
    """Begin a sign-in as the middleware would; gives the browser's cookies by name."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    now = timezone.now()
    family, refresh = tokens.begin(user, Kind.WEB, Device("Firefox", "Linux"), now, session.session_key or "")
    return {cookies.access_name(): tokens.access_token(family, now), cookies.refresh_name(): refresh}
