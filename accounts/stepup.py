"""Recent proof of who is there, for what must not be done with a found laptop: the password, and the second factor.

A sign-in counts like a re-authentication: what matters is that it is at most five minutes old. A passkey that asked for
its own PIN or fingerprint counts as both. What was posted is kept meanwhile, sealed, and goes on afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from accounts.factors import rules, sealing
from accounts.models import User
from accounts.sign_ins.sessions import identify
from caicaini.crypto import UnreadableError

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
FRESH_FOR = timedelta(minutes=5)
KEEP_FOR = timedelta(minutes=15)  # what was posted
LARGEST_FORM = 64 * 1024  # characters
BY_PASSWORD, BY_CODE, BY_PASSKEY = "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"


def step_up(view: View[P]) -> View[P]:
    """Let a view be called only with recent proof; others prove it first and then come back to where they were."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        user = identify(request)
        if user is None:
            target = request.get_full_path() if request.method in {"GET", "HEAD"} else settings.LOGIN_REDIRECT_URL
            return redirect_to_login(target, reverse(settings.LOGIN_URL))
        page = missing(request, user, timezone.now())
        return _suspended(request, page) if page else view(request, *args, **kwargs)

    return wrapped


def missing(request: HttpRequest, user: User, now: datetime) -> str:
    """Name the page that asks for the proof that is lacking; empty if there is none. At most two queries."""
    recent = [record for record in _records(request, user) if _is_fresh(record, now)]
    if not any(record["method"] == "password" or record.get("passwordless") for record in recent):
        return BY_PASSWORD
    if any(record["method"] == "mfa" for record in recent) or not rules.has_factor(user):
        return ""
    return BY_PASSKEY if rules.has_only_passkeys(user) else BY_CODE


def used_factor(request: HttpRequest, user: User) -> bool:
    """Say whether this sign-in used a second factor at any time."""
    return any(record["method"] == "mfa" for record in _records(request, user))


def way_to_console(request: HttpRequest) -> str:
    """Give where an operator has to go before the console opens; empty if it is open. Named in the settings."""
    user = identify(request)
    if user is None or not user.is_staff or used_factor(request, user):
        return ""
    if not rules.has_factor(user):
        return f"{reverse('account_security')}?required"
    page = BY_PASSKEY if rules.has_only_passkeys(user) else BY_CODE
    target = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
    return f"{reverse(page)}?{urlencode({REDIRECT_FIELD_NAME: target})}"


def _records(request: HttpRequest, user: User) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = get_authentication_records(request, user)
    return records


def _is_fresh(record: dict[str, Any], now: datetime) -> bool:
    return bool(now.timestamp() - record["at"] < FRESH_FOR.total_seconds())


def _suspended(request: HttpRequest, page: str) -> HttpResponse:
    request.session.pop(STATE_SESSION_KEY, None)  # nothing that was given up may go on later
    path = request.get_full_path()
    form = request.POST.urlencode() if request.method == "POST" else ""
    if form and len(form) <= LARGEST_FORM and not request.FILES:
        kept = sealing.seal(json.dumps({"path": path, "form": form, "at": timezone.now().timestamp()}))
        request.session[STATE_SESSION_KEY] = {"callback": f"{__name__}.resume", "state": kept}
    url = f"{reverse(page)}?{urlencode({REDIRECT_FIELD_NAME: path})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def resume(request: HttpRequest, state: str) -> HttpResponseBase:
    """Go on with what was posted before the proof was asked for; allauth calls this after it was given."""
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    kept = _kept(state, wanted)
    if kept is None:
        is_ours = url_has_allowed_host_and_scheme(wanted, None)
        return HttpResponseRedirect(wanted if is_ours else settings.LOGIN_REDIRECT_URL)
    path, _, query = kept["path"].partition("?")
    request.method, request.path, request.path_info = "POST", path, path
    request.GET, request.POST = QueryDict(query), QueryDict(kept["form"])
    match = resolve(path)
    request.resolver_match = match
    answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return answer


def _kept(state: str, wanted: str) -> dict[str, Any] | None:
    try:
        kept: dict[str, Any] = json.loads(sealing.unseal(state))
    except (UnreadableError, ValueError):
        return None
    is_timely = timezone.now().timestamp() - kept["at"] < KEEP_FOR.total_seconds()
    return kept if is_timely and kept["path"] == wanted else None
