"""Judges a Turnstile token: who answered, for which site, for which form, and only once."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.captcha import siteverify, spent
from accounts.captcha.refusals import Refused

log = structlog.get_logger(__name__)

FIELD = "cf-turnstile-response"  # the name that Turnstile's script gives its hidden field
LONGEST = 2_048  # characters of a token, by Cloudflare's documentation
VALID_FOR = 300  # seconds, by the same
TEST_KEY = re.compile(r"[123]x0{10,}")  # Cloudflare's published keys, which let everybody or nobody through

AGAIN = _("The check that you are a person was too old or used before. Wait for the new one below, then send again.")
MISSING = _("The check that you are a person was not finished. Wait until it shows a tick, then send again.")
FAILED = _("The check that you are a person failed. Try once more; if it fails again, use another browser or network.")


def verify(token: str, action: str) -> None:
    """Raise Refused unless the token is good for this form; Unavailable when nobody can say."""
    if not token:
        raise Refused("missing", MISSING)
    if len(token) > LONGEST:
        raise Refused("too_long", FAILED)
    if not spent.is_first_use(token, VALID_FOR):
        raise Refused("used", AGAIN)
    _judge(siteverify.ask(token), action)


def _judge(answer: dict[str, Any], action: str) -> None:
    if answer.get("success") is not True:
        is_old = "timeout-or-duplicate" in (answer.get("error-codes") or ())
        raise Refused("used", AGAIN) if is_old else Refused("failed", FAILED)
    metadata = answer.get("metadata")
    if isinstance(metadata, dict) and metadata.get("result_with_testing_key"):
        if settings.DEBUG:  # such an answer names example.com and no action
            return
        log.error("captcha.test_key_answered")
        raise Refused("test_key", FAILED)
    if answer.get("hostname") != hostname() or answer.get("action") != action:
        raise Refused("elsewhere", FAILED)


def hostname() -> str:
    """Give the name of the site for which answers count."""
    return urlsplit(settings.SITE_URL).hostname or ""


def is_test_key(key: str) -> bool:
    """Tell Cloudflare's published test keys from real ones."""
    return bool(TEST_KEY.match(key))
