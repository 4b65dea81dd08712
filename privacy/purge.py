"""Letting a deleted conversation go: its key first, which makes it unreadable everywhere, then its rows in batches."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.db import models, transaction

from caicaini import vault
from caicaini.models import WrappedKey
from chat.conversations import UNDO_FOR
from chat.models import Conversation, Message, Run

BATCH = 500  # rows a transaction: other writers wait 30 ms at most
BUDGET = timedelta(seconds=45)  # a turn; the next one, a minute later, goes on
UNUSED_AFTER = timedelta(days=1)


def purge_hidden(now: datetime) -> int:
    """Purge what was deleted more than the undo time ago; gives how many conversations are gone. Safe to repeat."""
    deadline = time.monotonic() + BUDGET.total_seconds()
    due = Conversation.objects.filter(hidden_at__lte=now - UNDO_FOR).order_by("hidden_at")
    gone = 0
    for conversation in due.iterator(chunk_size=100):
        if time.monotonic() > deadline:
            break
        gone += purge(conversation)
    return gone


def purge(conversation: Conversation) -> bool:
    """Destroy one conversation; gives False when a reply of it has yet to be settled, to be tried again."""
    vault.destroy([conversation.uuid])
    if Run.objects.filter(conversation=conversation, state=Run.State.RUNNING).exists():
        return False
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
    """Destroy keys that a crash left without a conversation, a day later; gives how many."""
    old = WrappedKey.objects.filter(created_at__lt=now - UNUSED_AFTER).values_list("owner", flat=True)
    unused = []
    candidates = list(old.order_by("created_at")[:10_000])
    used = set(Conversation.objects.filter(uuid__in=candidates).values_list("uuid", flat=True))
    unused = [owner for owner in candidates if owner not in used]
    return vault.destroy(unused)
