"""Who is there: the functions from which views and the websocket learn it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from accounts.models import TokenFamily, User
from accounts.sign_ins import cookies, tokens
from accounts.sign_ins.tokens import Kind

P = ParamSpec("P")
Scope = Mapping[str, Any]
CARRIED = "_caicaini_sign_in"
BEARER = "bearer "


@dataclass(slots=True)
class Carried:
    """What the middleware knows of a request's sign-in, and what the browser has to be given in the answer."""

    family: TokenFamily | None = None
    refresh: str = ""
    needs_access: bool = False
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class SocketPass:
    """With what a socket was opened: the sign-in, and until when its access token lasts."""

    family: TokenFamily
    until: datetime


def carry(request: HttpRequest, carried: Carried) -> None:
    """Let a request know its sign-in."""
    setattr(request, CARRIED, carried)


def carried_by(request: HttpRequest) -> Carried:
    """Give what the middleware noted; nothing for a request that never passed it."""
    return getattr(request, CARRIED, None) or Carried()


def family_of(request: HttpRequest) -> TokenFamily | None:
    """Give the sign-in that this request belongs to."""
    return carried_by(request).family


def identify(request: HttpRequest) -> User | None:
    """Give the signed-in, active person of a request, or None. Costs nothing more: the middleware has looked."""
    family = family_of(request)
    return family.user if family else None


def open_socket(scope: Scope) -> SocketPass | None:
    """Give with whose token a socket is opened: a program's in its header, or a browser's cookie. Blocking: one query.

    Each kind of token is good for its own place only. A refresh token does not count: nothing can be handed back here.
    """
    kind, token = _presented(scope)
    family = tokens.check(token, kind, timezone.now()) if token else None
    until = tokens.expiry(token)
    return SocketPass(family, until) if family and until else None


def still_there(held: SocketPass) -> User | None:
    """Ask again whether the sign-in of an open socket goes on. Blocking: one query."""
    family = tokens.living(held.family.uuid, timezone.now())
    return family.user if family else None


def _presented(scope: Scope) -> tuple[Kind, str]:
    for name, value in scope.get("headers", ()):
        if name == b"authorization" and value[: len(BEARER)].decode("latin-1").lower() == BEARER:
            return Kind.CLI, value[len(BEARER) :].decode("latin-1").strip()
    return Kind.WEB, cookies.of_scope(scope).get(cookies.access_name(), "")


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
