"""Codes of an authenticator app (RFC 6238) and recovery codes: each is good once, and a late one is not good.

allauth forgets after 30 seconds that a code was used, while a tolerance of one step lets it be right for 90; and it
remembers in a cache that may be a process's own. Here the last step that was used stands in the authenticator's row.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from base64 import b32decode
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.factors import sealing
from accounts.models import User

PERIOD = 30  # seconds
DIGITS = 6
TOLERANCE = 1  # steps before and after
LAST_STEP = "last_step"


def step_at(now: datetime) -> int:
    """Give the number of the step that a moment lies in."""
    return int(now.timestamp()) // PERIOD


def code_at(secret: str, step: int) -> str:
    """Give the code of a step (RFC 4226, 5.3); the secret is base32, as apps are told it."""
    mac = hmac.digest(b32decode(secret, casefold=True), struct.pack(">Q", step), hashlib.sha1)
    offset = mac[-1] & 0x0F
    number = struct.unpack(">I", mac[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Give the step whose code this is, one step before or after the present one included."""
    typed, present = _plain(code), step_at(now)
    steps = range(present - TOLERANCE, present + TOLERANCE + 1)
    found = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), typed.encode())]
    return found[0] if found else None


def use(user: User, code: str, now: datetime) -> Authenticator | None:
    """Take a code of the person's app or a recovery code, which then is used up; None if it is not good."""
    for factor in Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN).order_by("-type"):
        used = _use(factor, code, now)
        if used:
            used.user = user
            return used
    return None


def _use(factor: Authenticator, code: str, now: datetime) -> Authenticator | None:
    if factor.type == Authenticator.Type.TOTP:
        return factor if spend(factor, code, now) else None
    wrapper = factor.wrap()
    is_good = wrapper.validate_code(code)  # it reads the row again, locked, and notes there what is used up
    return wrapper.instance if is_good else None


def spend(app: Authenticator, code: str, now: datetime) -> bool:
    """Use up a code of an app; False if it is wrong, or not after the last one that was used. Locks the row."""
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().filter(pk=app.pk).first()
        step = _step_of(row, code, now) if row else None
        if row is None or step is None or step <= row.data.get(LAST_STEP, -1):
            return False
        app.data = row.data | {LAST_STEP: step}
        app.save(update_fields=["data"])
        return True


def _step_of(app: Authenticator, code: str, now: datetime) -> int | None:
    secret = sealing.opened(app.data["secret"])
    return matching_step(secret, code, now) if secret else None


def _plain(code: str) -> str:
    return "".join(character for character in code if character.isalnum())
