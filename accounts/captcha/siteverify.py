"""Asks Turnstile's siteverify about one token: three seconds, one retry with the same key, and no `remoteip`."""

from __future__ import annotations

import uuid
from typing import Any

import httpx2
import structlog
from django.conf import settings

from accounts.captcha.refusals import Unavailable

log = structlog.get_logger(__name__)

TIMEOUT = 3.0  # seconds for each of the two attempts
ATTEMPTS = 2
THEIR_FAULT = "internal-error"
OUR_FAULT = {"missing-input-secret", "invalid-input-secret"}


def ask(token: str) -> dict[str, Any]:
    """Give siteverify's answer about a token; raises Unavailable when there is none, or our secret is wrong.

    The status is 200 for most refusals and 400 for some, so it is the body that counts. The visitor's address is not
    sent: Cloudflare has seen it, and nothing else about the person is its business.
    """
    fields = {
        "secret": settings.TURNSTILE_SECRET_KEY,
        "response": token,
        "idempotency_key": str(uuid.uuid4()),  # a token is spent by the first attempt, even when its answer got lost
    }
    for _attempt in range(ATTEMPTS):
        answer = _post(fields)
        if answer is not None:
            return answer
    log.error("captcha.unavailable", code="no_answer")
    raise Unavailable


def _post(fields: dict[str, str]) -> dict[str, Any] | None:
    """Give the answer, or None when another attempt may help."""
    try:
        response = httpx2.post(settings.TURNSTILE_VERIFY_URL, data=fields, timeout=TIMEOUT)
        answer = response.json()
    except (httpx2.HTTPError, ValueError):
        return None
    if not isinstance(answer, dict):
        return None
    codes = {str(code) for code in answer.get("error-codes") or ()}
    if codes & OUR_FAULT:
        log.error("captcha.unavailable", code="secret_refused")
        raise Unavailable
    return None if THEIR_FAULT in codes or (response.is_server_error and not codes) else answer
