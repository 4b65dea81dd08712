"""Signing people in without asking them: for tests, the benchmark and the pictures of the documentation."""

from __future__ import annotations

import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.userkit import user_id_to_str
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from accounts.models import User
from accounts.sign_ins import cookies, tokens
from accounts.sign_ins.tokens import Device, Kind


def sign_in(user: User, *, uses_factor: bool | None = None) -> dict[str, str]:
    """Begin a sign-in as the middleware would; gives the browser's cookies by name.

    Operators count as having used a second factor, for without it they would not get anywhere.
    """
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    if user.is_staff if uses_factor is None else uses_factor:
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "type": "totp", "at": time.time()}]
        session["account_authentication_methods_user"] = user_id_to_str(user)
    session.create()
    now = timezone.now()
    family, refresh = tokens.begin(user, Kind.WEB, Device("Firefox", "Linux"), now, session.session_key or "")
    return {cookies.access_name(): tokens.access_token(family, now), cookies.refresh_name(): refresh}
