"""Letting a deleted conversation go: its key first, which makes it unreadable everywhere, then its rows in batches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import UUID

import structlog
from django.db import IntegrityError, models, transaction

from accounts import signup
from accounts.models import Appeal
from caicaini import vault
from caicaini.models import WrappedKey
from chat.conversations import UNDO_FOR
from chat.models import Conversation, Message, Run
from chat.replay import streams

log = structlog.get_logger(__name__)
BATCH = 500  # rows a transaction: other writers wait 30 ms at most
MOST = 10_000  # conversations a turn
BUDGET = timedelta(seconds=45)  # a turn; the next one, a minute later, goes on
FENCED_AT = datetime(2000, 1, 1, tzinfo=UTC)  # so long ago that no undo, however late its clock, brings it back
UNUSED_AFTER = timedelta(days=1)
FEW_UNUSED = 20  # crashes leave keys one by one


def purge_hidden(now: datetime) -> int:
    """Purge what was deleted more than the undo time ago; gives how many conversations are gone. Safe to repeat."""
    deadline = monotonic() + BUDGET.total_seconds()
    due = Conversation.objects.filter(hidden_at__lte=now - UNDO_FOR).order_by("hidden_at", "pk")
    gone = 0
    # A list: a cursor left open would keep SQLite's old snapshot, and writing from that fails as soon as others wrote.
    for conversation in list(due.only("uuid")[:MOST]):
        if monotonic() > deadline:
            break
        gone += _fence(conversation, now) and _try(conversation)
    return gone


def _fence(conversation: Conversation, now: datetime) -> bool:
    """Settle the race with an undo in the database: from here on nobody can restore it."""
    still_due = Conversation.objects.filter(pk=conversation.pk, hidden_at__lte=now - UNDO_FOR)
    return still_due.update(hidden_at=FENCED_AT) == 1


def _try(conversation: Conversation) -> bool:
    try:
        return purge(conversation)
    except IntegrityError:  # somebody added a row: the next turn takes it along, and those behind need not wait
        log.exception("purge.postponed", conversation=str(conversation.uuid))
        return False


def purge(conversation: Conversation) -> bool:
    """Destroy one conversation; gives False when a reply of it has yet to be settled, to be tried again."""
    vault.destroy([conversation.uuid])
    if Run.objects.filter(conversation=conversation, state=Run.State.RUNNING).exists():
        return False
    streams.forget(Run.objects.filter(conversation=conversation).values_list("uuid", flat=True))
    for rows in (Run.objects.filter(conversation=conversation), Message.objects.filter(conversation=conversation)):
        _delete_in_batches(rows)
    Conversation.objects.filter(pk=conversation.pk).delete()
    return True


def _delete_in_batches(rows: models.QuerySet[Run] | models.QuerySet[Message]) -> None:
    while True:
        ids = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not ids:
            return
        with transaction.atomic():
            rows.model._base_manager.filter(pk__in=ids)._raw_delete(rows.db)


def sweep_unused_keys(now: datetime) -> int:
    """Destroy keys that a crash left without what they seal, a day later; gives how many.

    Destroys nothing when most keys look unused: then the main database is not the one that belongs to this vault.
    """
    unused: list[UUID] = []
    used = 0
    others = signup.keys_in_use(now)
    for owners in _old_keys(now):
        alive = others.intersection(owners) | set(
            Conversation.objects.filter(uuid__in=owners).values_list("uuid", flat=True)
        )
        alive |= set(Appeal.objects.filter(uuid__in=owners).values_list("uuid", flat=True))
        unused += [owner for owner in owners if owner not in alive]
        used += len(alive)
    if len(unused) > max(FEW_UNUSED, used):
        log.error("purge.vault_is_foreign", count=len(unused))
        return 0
    return sum(vault.destroy(unused[start : start + BATCH]) for start in range(0, len(unused), BATCH))


def _old_keys(now: datetime) -> Iterator[list[UUID]]:
    """Give the owners of all keys older than a day, page by page."""
    old = WrappedKey.objects.filter(created_at__lt=now - UNUSED_AFTER).order_by("owner")
    owners = list(old.values_list("owner", flat=True)[:BATCH])
    while owners:
        yield owners
        owners = list(old.filter(owner__gt=owners[-1]).values_list("owner", flat=True)[:BATCH])
