"""The gate that every guarded form passes, and what happens when no verdict is to be had.

Sign-up stays shut then. Signing in goes on behind a stricter limit, unless `CAPTCHA_LOGIN_FAILS_OPEN`
says otherwise: people who pay must not be locked out by somebody else's outage, and a password is asked for anyway.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.captcha import local, turnstile
from accounts.captcha.mode import Action, Mode, mode
from accounts.captcha.refusals import Refused, Unavailable

log = structlog.get_logger(__name__)

NO_VERDICT = _("We cannot check at the moment that you are a person. Nothing was changed; try again in a few minutes.")


def require(request: HttpRequest, data: Mapping[str, str], action: Action) -> None:
    """Raise Refused unless the form comes from a person, as far as that can be told. May take six seconds."""
    try:
        _verify(request, data, action)
    except Unavailable:
        if not _goes_on(request, action):
            raise Refused("unavailable", NO_VERDICT) from None
    except Refused as refused:
        log.info("captcha.refused", kind=action.value, code=refused.code)
        raise


def _verify(request: HttpRequest, data: Mapping[str, str], action: Action) -> None:
    match mode(action):
        case Mode.TURNSTILE:
            turnstile.verify(data.get(turnstile.FIELD, ""), action)
        case Mode.LOCAL:
            local.verify(request, data, action)
        case Mode.NONE:
            raise Unavailable


def _goes_on(request: HttpRequest, action: Action) -> bool:
    if action is not Action.LOGIN or not settings.CAPTCHA_LOGIN_FAILS_OPEN:
        return False
    return bool(ratelimit.consume(request, action="login_without_captcha"))
