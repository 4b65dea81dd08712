"""Address and context of a mail as the row holds them: encrypted, because they say who gets which code or link."""

from __future__ import annotations

import json
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from accounts.models import OutboxMail
from caicaini import crypto

Context = dict[str, str | int]


def close(mail: OutboxMail, address: str, context: Context) -> None:
    """Put both into the row, each bound to it and to its column."""
    key = _key()
    mail.address = crypto.seal(key, address.encode(), _place(mail.uuid, "address"))
    mail.context = crypto.seal_text(key, json.dumps(context), _place(mail.uuid, "context"))


def open_up(mail: OutboxMail) -> tuple[str, Context]:
    """Give address and context; raises crypto.UnreadableError when SECRET_KEY has changed since it was posted."""
    key = _key()
    address = crypto.unseal(key, bytes(mail.address), _place(mail.uuid, "address")).decode()
    context: Context = json.loads(crypto.unseal_text(key, bytes(mail.context), _place(mail.uuid, "context")))
    return address, context


def _place(row: UUID, column: str) -> bytes:
    return row.bytes + column.encode()


def _key() -> bytes:
    secret = settings.SECRET_KEY.encode()
    return HKDF(hashes.SHA256(), crypto.KEY_BYTES, salt=None, info=b"caicaini outbox").derive(secret)
