"""What a form shows of the check."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from accounts.captcha import local
from accounts.captcha.mode import Action, Mode, mode

SCRIPT = "https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit"  # from there and unpinned: it changes


@dataclass(frozen=True, slots=True)
class Widget:
    """For the template: either Turnstile's keys, or our own hidden fields, or neither."""

    kind: str
    action: str
    site_key: str = ""
    script: str = ""
    proof: str = ""


def widget(request: HttpRequest, action: Action) -> Widget:
    """Give a fresh one: each submit spends what it holds."""
    match mode(action):
        case Mode.TURNSTILE:
            return Widget("turnstile", action, site_key=settings.TURNSTILE_SITE_KEY, script=SCRIPT)
        case Mode.LOCAL:
            return Widget("local", action, proof=local.issue(request, action))
        case Mode.NONE:
            return Widget("none", action)
