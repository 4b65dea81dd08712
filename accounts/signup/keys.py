"""The signal keys: one a quarter, wrapped in the vault, under which a sign-up's signals are sealed and compared."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid5

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.db import IntegrityError, transaction

from caicaini import crypto, vault

NAMESPACE = UUID("6a1f3f0e-3b0b-4d55-9a44-6c9a6a5f6f0d")
MARK_DIGITS = 32  # hexadecimal: 128 bits
QUARTERS_BACK = 8  # that may still have a key, should the daily job have stood still for two years


@dataclass(frozen=True, slots=True)
class SignalKey:
    """One quarter's key; sealing and comparing use keys derived from it."""

    owner: UUID
    secret: bytes = field(repr=False)

    def seal(self, row: UUID, text: str) -> bytes:
        return crypto.seal_text(self._derived(b"seal"), text, crypto.place(self.owner, row, "signup"))

    def unseal(self, row: UUID, sealed: bytes) -> str:
        return crypto.unseal_text(self._derived(b"seal"), sealed, crypto.place(self.owner, row, "signup"))

    def mark(self, kind: str, value: str) -> str:
        """Give what stands for a value in comparisons; without the key it tells nothing, not even by trying all."""
        return hmac.new(self._derived(b"mark"), f"{kind} {value}".encode(), hashlib.sha256).hexdigest()[:MARK_DIGITS]

    def _derived(self, purpose: bytes) -> bytes:
        info = b"caicaini signup signals " + purpose
        return HKDF(hashes.SHA256(), crypto.KEY_BYTES, salt=None, info=info).derive(self.secret)


def owner_at(moment: datetime) -> UUID:
    """Name the key of a quarter, which lies in the vault under this uuid."""
    utc = moment.astimezone(UTC)
    return uuid5(NAMESPACE, f"{utc.year} {(utc.month - 1) // 3 + 1}")


def current(now: datetime) -> SignalKey:
    """Give this quarter's key; the first sign-up of a quarter makes it."""
    owner = owner_at(now)
    return existing([owner]).get(owner) or _made(owner, now)


def existing(owners: list[UUID]) -> dict[UUID, SignalKey]:
    """Give those of the keys that were not destroyed; one query."""
    return {owner: SignalKey(owner, secret) for owner, secret in vault.read_existing(owners).items()}


def recent_owners(now: datetime) -> list[UUID]:
    """Name the keys of this quarter and of those before it, newest first."""
    return [owner_at(moment) for moment in _quarters(now)]


def _quarters(now: datetime) -> Iterator[datetime]:
    utc = now.astimezone(UTC)
    for back in range(QUARTERS_BACK + 1):
        months = utc.year * 12 + utc.month - 1 - 3 * back
        yield datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


def _made(owner: UUID, now: datetime) -> SignalKey:
    try:
        with transaction.atomic(using="vault"):
            return SignalKey(owner, vault.create(owner, now))
    except IntegrityError:  # another sign-up was first
        return SignalKey(owner, vault.read(owner))
