"""The secrets of second factors at rest: sealed under a key of their own, made from the site's secret key."""

from __future__ import annotations

from base64 import b64decode, b64encode
from contextlib import suppress

import structlog
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

from caicaini import crypto

log = structlog.get_logger(__name__)
LABEL = b"caicaini accounts.factors v1"


def seal(text: str) -> str:
    """Encrypt a secret: base64 text, different each time."""
    return b64encode(crypto.seal(_key(settings.SECRET_KEY), text.encode(), LABEL)).decode()


def unseal(sealed: str) -> str:
    """Decrypt what `seal` made under the present secret key or a former one; raises UnreadableError."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return crypto.unseal(_key(secret), b64decode(sealed), LABEL).decode()
        except (crypto.UnreadableError, ValueError):
            continue
    raise crypto.UnreadableError


def opened(sealed: str) -> str | None:
    """Give the secret; None, and a line in the log, when it was sealed under a secret key that is gone."""
    with suppress(crypto.UnreadableError):
        return unseal(sealed)
    log.error("factor.unreadable")
    return None


def _key(secret: str | bytes) -> bytes:
    return HKDF(SHA256(), crypto.KEY_BYTES, salt=None, info=LABEL).derive(force_bytes(secret))
