"""Lets the few pages that show Turnstile name its host in their content security policy, and no other page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponseBase

from accounts.captcha.mode import Mode, mode

View = Callable[..., HttpResponseBase]
HOST = "https://challenges.cloudflare.com"


def may_show_widget(view: View) -> View:
    """Decorate a view whose form is guarded. Where Turnstile is not configured its policy stays as it is."""
    widened: View = csp_update({"script-src": [HOST], "frame-src": [HOST]})(view)

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        shown = widened if mode() is Mode.TURNSTILE else view
        return shown(request, *args, **kwargs)

    return wrapped
