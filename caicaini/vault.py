"""The content keys, one per owner (a conversation), wrapped, in a database of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from caicaini import crypto
from caicaini.models import WrappedKey

SHORTEST_WRAPPING_KEY = 32  # characters of the environment's text: about 190 bits when base64


class VaultMisconfigured(Exception):
    """VAULT_KEYS cannot open what the vault holds; the message is one line for the operator."""


def wrapping_keys() -> dict[str, bytes]:
    """Give the configured wrapping keys by their id (16 hex digits of a hash), newest first."""
    keys: dict[str, bytes] = {}
    for number, text in enumerate(settings.VAULT_KEYS, start=1):
        if len(text) < SHORTEST_WRAPPING_KEY:
            raise VaultMisconfigured(
                f"VAULT_KEYS: key number {number} is shorter than {SHORTEST_WRAPPING_KEY} characters."
            )
        keys[key_id(text)] = _derive(text, b"wrap")
    return keys


def key_id(text: str) -> str:
    """Name a wrapping key without revealing it."""
    return hashlib.sha256(b"caicaini key id" + _derive(text, b"id")).hexdigest()[:16]


def _derive(text: str, purpose: bytes) -> bytes:
    # The environment's text is random already; HKDF turns any such text into separate 32-byte keys per purpose.
    return HKDF(hashes.SHA256(), crypto.KEY_BYTES, salt=None, info=b"caicaini vault " + purpose).derive(text.encode())


def create(owner: UUID, now: datetime) -> bytes:
    """Make and store a content key, committed before the owner's row: a crash leaves a key too many, never too few."""
    newest, wrapping_key = next(iter(wrapping_keys().items()))
    content_key = crypto.new_key()
    wrapped = crypto.seal(wrapping_key, content_key, owner.bytes)
    WrappedKey.objects.create(owner=owner, wrapping_key=newest, wrapped=wrapped, created_at=now)
    return content_key


def read(owner: UUID) -> bytes:
    """Unwrap one content key; raises crypto.UnreadableError when it was destroyed."""
    return read_many([owner])[owner]


def read_many(owners: Iterable[UUID]) -> dict[UUID, bytes]:
    """Unwrap many content keys with one query; raises crypto.UnreadableError when one is missing."""
    wanted = set(owners)
    found = read_existing(wanted)
    if len(found) < len(wanted):
        raise crypto.UnreadableError
    return found


def read_existing(owners: Iterable[UUID]) -> dict[UUID, bytes]:
    """Unwrap those of the content keys that still exist."""
    rows = list(WrappedKey.objects.filter(owner__in=set(owners)))
    keys = wrapping_keys()
    return {row.owner: _unwrap(row, keys) for row in rows}


def _unwrap(row: WrappedKey, keys: dict[str, bytes]) -> bytes:
    if row.wrapping_key not in keys:
        raise VaultMisconfigured(f"VAULT_KEYS lacks the old key {row.wrapping_key}, which still wraps content keys.")
    return crypto.unseal(keys[row.wrapping_key], bytes(row.wrapped), row.owner.bytes)


def destroy(owners: Iterable[UUID]) -> int:
    """Destroy content keys: what they encrypted is unreadable from now on, in backups too. Gives their number."""
    return WrappedKey.objects.filter(owner__in=set(owners)).delete()[0]


def verify() -> None:
    """Raise VaultMisconfigured when a key in use is not configured; costs one query."""
    configured = wrapping_keys()
    for used in WrappedKey.objects.values_list("wrapping_key", flat=True).order_by("wrapping_key").distinct():
        if used not in configured:
            raise VaultMisconfigured(f"VAULT_KEYS lacks the old key {used}, which still wraps content keys.")
