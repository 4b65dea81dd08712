"""Our own check: a signed form that counts once, and a field that people do not see.

It stops only scripts that never opened the form. No puzzle, no other host, no JavaScript. In production it stands where
Turnstile may not: at the request for a new password, and on the page of limits.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from django.core import signing
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.captcha import spent
from accounts.captcha.refusals import Refused, Unavailable

FIELD, HONEYPOT = "form_proof", "website"
SALT = "accounts.captcha.local"
VALID_FOR = 3_600  # seconds

AGAIN = _("This form was too old or was sent before. It is fresh now: send it once more.")
FILLED = _("Leave the field that is named “Leave this empty” empty, then send the form again.")


def issue(request: HttpRequest, action: str) -> str:
    """Give a proof that this form was shown to this browser."""
    get_token(request)
    return signing.dumps({"a": action, "b": _browser(request), "n": secrets.token_hex(8)}, salt=SALT, compress=False)


def verify(request: HttpRequest, data: Mapping[str, str], action: str) -> None:
    """Raise Refused unless the form was shown here, recently, for this, and not sent before.

    Raises Unavailable for a form without any proof, as a program sends it; the gate decides what that means.
    """
    if data.get(HONEYPOT):
        raise Refused("honeypot", FILLED)
    token = data.get(FIELD, "")
    if not token:
        raise Unavailable
    try:
        said = signing.loads(token, salt=SALT, max_age=VALID_FOR)
    except signing.BadSignature:
        raise Refused("stale", AGAIN) from None
    is_ours = said.get("a") == action and constant_time_compare(said.get("b", ""), _browser(request))
    if not is_ours or not spent.is_first_use(token, VALID_FOR):
        raise Refused("used", AGAIN)


def _browser(request: HttpRequest) -> str:
    """Name the browser by what its forms are bound to anyway."""
    return salted_hmac(SALT, str(request.META.get("CSRF_COOKIE", ""))).hexdigest()[:32]
