"""Where the account's pages reach parts that are built beside them; each function says what takes its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from django.contrib.auth import REDIRECT_FIELD_NAME, SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User

View = TypeVar("View", bound=Callable[..., Any])


def step_up(view: View) -> View:
    """Becomes `accounts.stepup.step_up`.

    A form that was sent too late is not put aside for later, as allauth would: its passwords would lie in the
    session's row. The person proves who they are and fills it in again.
    """
    guarded = reauthentication_required(view)

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST" and is_reauthentication_required(request, app=""):
            target = urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})
            return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{target}")
        return guarded(request, *args, **kwargs)

    return cast(View, wrapped)


def post(kind: str, to: str, user: User | None, now: datetime, **context: str | int) -> None:
    """Becomes `accounts.outbox.post`."""
    subject, _blank, body = render_to_string(f"mail/{kind}.txt", {**context, "user": user}).partition("\n\n")
    html = render_to_string(f"mail/{kind}.html", {**context, "user": user})
    send_mail(subject.removeprefix("Subject: "), body, None, [to], html_message=html)


def this_sign_in(request: HttpRequest) -> str | None:
    """Becomes `accounts.sessions.family_of`."""
    return request.session.session_key


def end_others(user: User, keep: str | None, reason: str, now: datetime) -> None:
    """Becomes `tokens.end_others`."""
    _end(user, keep)


def end_all(user: User, reason: str, now: datetime) -> None:
    """Becomes `tokens.end_all`."""
    _end(user, keep=None)


def _end(user: User, keep: str | None) -> None:
    for session in Session.objects.all():
        if session.session_key != keep and session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()


def signup_signals(user: User) -> Iterable[Any]:
    """Becomes `signup.shown_to(user)`: what sign-up recorded about this person's browser; nothing records it yet."""
    return ()
