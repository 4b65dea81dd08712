"""System checks: production has a real Turnstile, and never Cloudflare's test keys."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

from accounts.captcha.mode import Mode, mode
from accounts.captcha.turnstile import is_test_key


@checks.register(checks.Tags.security)
def check_keys(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[checks.CheckMessage]:
    """Refuse keys that let everybody in, before anything is served."""
    keys = (settings.TURNSTILE_SITE_KEY, settings.TURNSTILE_SECRET_KEY)
    if settings.DEBUG or not any(is_test_key(key) for key in keys):
        return []
    text = "TURNSTILE_SITE_KEY or TURNSTILE_SECRET_KEY is one of Cloudflare's test keys, which let everybody in."
    return [checks.Error(text, id="accounts.E001")]


@checks.register(checks.Tags.security, deploy=True)
def check_deployment(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[checks.CheckMessage]:
    """Without Turnstile sign-up stays shut in production; with it, tokens and the secret travel encrypted."""
    problems: list[checks.CheckMessage] = []
    if mode() is not Mode.TURNSTILE:
        text = "Set TURNSTILE_SITE_KEY and TURNSTILE_SECRET_KEY: without both, nobody can sign up."
        problems.append(checks.Error(text, id="accounts.E002"))
    if not _is_far_and_encrypted(settings.TURNSTILE_VERIFY_URL):
        text = "TURNSTILE_VERIFY_URL must start with https:// and name another machine in production."
        problems.append(checks.Error(text, id="accounts.E003"))
    return problems


def _is_far_and_encrypted(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        is_here = ip_address(host).is_loopback
    except ValueError:
        is_here = host == "localhost" or not host
    return parts.scheme == "https" and not is_here
