"""Who is there: the one function from which views and the websocket learn it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from importlib import import_module
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, parse_cookie
from django.urls import reverse

from accounts.models import User

P = ParamSpec("P")
Scope = Mapping[str, Any]


def identify(source: HttpRequest | Scope) -> User | None:
    """Give the signed-in, active person of a request or of an ASGI scope, or None. Blocking: up to two queries."""
    request = source if isinstance(source, HttpRequest) else _request_of(source)
    user = get_user(request)
    return user if isinstance(user, User) and user.is_active else None


def session_key(source: HttpRequest | Scope) -> str:
    """Give the key that tells one sign-in from another; empty when there is none."""
    request = source if isinstance(source, HttpRequest) else _request_of(source)
    return request.session.session_key or ""


def _request_of(scope: Scope) -> HttpRequest:
    request = HttpRequest()
    engine = import_module(settings.SESSION_ENGINE)
    request.session = engine.SessionStore(_cookie(scope, settings.SESSION_COOKIE_NAME))
    return request


def _cookie(scope: Scope, name: str) -> str | None:
    """Read a cookie as Django reads it for pages: all headers, and past cookies that others wrote badly."""
    values = (value.decode("latin-1") for header, value in scope.get("headers", ()) if header == b"cookie")
    return parse_cookie("; ".join(values)).get(name)


def signed_in(
    view: Callable[Concatenate[HttpRequest, User, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let a view be called with `(request, user, ...)`; others are sent to sign in, htmx requests included."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        user = identify(request)
        if user is not None:
            return view(request, user, *args, **kwargs)
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401, headers={"HX-Redirect": reverse(settings.LOGIN_URL)})
        target = request.get_full_path() if request.method in {"GET", "HEAD"} else settings.LOGIN_REDIRECT_URL
        return redirect_to_login(target, reverse(settings.LOGIN_URL))

    return wrapped
