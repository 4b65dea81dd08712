"""Storing a sign-up's signals, showing them to the person they are about, and letting go of them after 90 days."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from accounts.models import SignupSignal, User
from accounts.signup import keys
from accounts.signup.origin import Origin
from caicaini import crypto, vault


@dataclass(frozen=True, slots=True)
class Shown:
    """What is stored about a sign-up, for its owner's eyes."""

    address: str
    browser: str
    system: str
    language: str
    is_mobile: bool
    created_at: datetime
    kept_until: datetime


def record(user: User, origin: Origin, now: datetime) -> SignupSignal:
    """Store where a sign-up came from: sealed, and as marks."""
    key = keys.current(now)
    row = SignupSignal(
        user=user,
        key=key.owner,
        network_mark=key.mark("network", origin.network),
        browser_mark=key.mark("browser", origin.fingerprint),
        created_at=now,
    )
    row.sealed = key.seal(row.uuid, json.dumps(_written(origin)))
    row.save(force_insert=True)
    return row


def _written(origin: Origin) -> dict[str, str | bool]:
    return {
        "address": origin.address,
        "browser": origin.browser,
        "system": origin.system,
        "language": origin.language,
        "is_mobile": origin.is_mobile,
    }


def shown_to(user: User) -> Shown | None:
    """Give what is stored about this person's sign-up, or None when nothing is (any more). Two queries."""
    row = SignupSignal.objects.filter(user=user).first()
    key = keys.existing([row.key]).get(row.key) if row else None
    if row is None or key is None:
        return None
    try:
        said = json.loads(key.unseal(row.uuid, bytes(row.sealed)))
    except crypto.UnreadableError:
        return None
    return Shown(**said, created_at=row.created_at, kept_until=row.created_at + kept_for())


def kept_for() -> timedelta:
    return timedelta(days=settings.SIGNUP_SIGNAL_DAYS)


def keys_in_use(now: datetime) -> set[UUID]:
    """Name the vault's keys that must stay: those of rows, and this quarter's, which a sign-up may be about to use."""
    return {keys.owner_at(now), *SignupSignal.objects.values_list("key", flat=True).distinct()}


def forget(now: datetime) -> int:
    """Delete the signals that are old enough, then the keys that no row needs any more; gives how many rows went."""
    count: int = SignupSignal.objects.filter(created_at__lt=now - kept_for()).delete()[0]
    vault.destroy(set(keys.recent_owners(now)) - keys_in_use(now))
    return count
