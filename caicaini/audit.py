"""The append-only record of what staff and jobs did, each row carrying the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from caicaini.models import AuditEvent

RETAIN_FOR = timedelta(days=3 * 365)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GENESIS = "0" * 64
TRIES = 20

Fact = str | int | bool | None


def record(
    action: str, *, now: datetime, actor: UUID | None, subject_type: str, subject: str = "", **facts: Fact
) -> AuditEvent:
    """Append one event; until your transaction ends, other writers wait, so call it as the last thing.

    Only the very first event has none before it to wait for: there writers collide, and the loser takes the next place.
    """
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return _append(action, now, actor, subject_type, subject, facts)
        except IntegrityError:
            if attempt == TRIES:
                raise
    raise AssertionError("unreachable")


def _append(
    action: str, now: datetime, actor: UUID | None, subject_type: str, subject: str, facts: dict[str, Fact]
) -> AuditEvent:
    # Locked, not only read: on MariaDB writers that collide on the sequence deadlock when the first one rolls back.
    newest = AuditEvent.objects.select_for_update().order_by("-sequence")
    last = newest.values_list("sequence", "hash").first() or (0, GENESIS)
    event = AuditEvent(
        sequence=last[0] + 1,
        at=now,
        actor=actor,
        action=action,
        subject_type=subject_type,
        subject=subject,
        facts=facts,
        previous_hash=last[1],
        retain_until=(now + RETAIN_FOR).date(),
    )
    event.hash = digest(event)
    event.save(force_insert=True)
    return event


def digest(event: AuditEvent) -> str:
    """Hash the previous hash and the event's canonical JSON (SHA-256, hex)."""
    body = {
        "sequence": event.sequence,
        "at": (event.at - EPOCH) // timedelta(microseconds=1),  # exact: seconds as a float lose the last digit
        "actor": str(event.actor) if event.actor else None,
        "action": event.action,
        "subject_type": event.subject_type,
        "subject": event.subject,
        "facts": event.facts,
        "retain_until": event.retain_until.isoformat(),
    }
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((event.previous_hash + canonical).encode()).hexdigest()


def first_break(events: Iterable[AuditEvent]) -> int | None:
    """Give the sequence number where a chain read in order stops being true, or None."""
    previous, expected = GENESIS, 1
    for event in events:
        if event.sequence != expected or event.previous_hash != previous or event.hash != digest(event):
            return expected
        previous, expected = event.hash, expected + 1
    return None
