"""The cookies of a sign-in: scripts cannot read them, other hosts do not get them, and one names no session.

Over TLS their names begin with `__Host-`, which browsers accept from this very host alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase, parse_cookie

from accounts.sign_ins.tokens import ACCESS_FOR

Scope = Mapping[str, Any]


def access_name() -> str:
    return f"{settings.COOKIE_PREFIX}access"


def refresh_name() -> str:
    return f"{settings.COOKIE_PREFIX}refresh"


def put_access(response: HttpResponseBase, token: str) -> None:
    _put(response, access_name(), token, int(ACCESS_FOR.total_seconds()))


def put_refresh(response: HttpResponseBase, token: str, seconds: int | None) -> None:
    """Set the refresh token; `seconds` is None for a browser that is to forget it when it is closed."""
    _put(response, refresh_name(), token, seconds)


def take_away(response: HttpResponseBase) -> None:
    """Delete both; with the attributes that they were set with, or browsers keep what begins with `__Host-`."""
    for name in (access_name(), refresh_name()):
        _put(response, name, "", 0)


def _put(response: HttpResponseBase, name: str, value: str, seconds: int | None) -> None:
    response.set_cookie(name, value, max_age=seconds, path="/", secure=settings.IS_TLS, httponly=True, samesite="Lax")


def of_scope(scope: Scope) -> dict[str, str]:
    """Read cookies as Django reads them for pages: all headers, and past cookies that others wrote badly."""
    values = (value.decode("latin-1") for header, value in scope.get("headers", ()) if header == b"cookie")
    return parse_cookie("; ".join(values))
