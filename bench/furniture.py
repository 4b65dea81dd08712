"""Fills the site's databases with conversations and messages, many at once, as the product would have stored them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from bench.talks import MODEL
from billing import prices
from caicaini import crypto, vault
from caicaini.models import WrappedKey
from chat.content import BODY, ContentKey
from chat.models import Conversation, Message, Run

BATCH = 1_000
WORDS = "The river rises in the mountains and runs south for weeks; nobody has counted the boats on it. " * 6


def owner(place: int) -> User:
    """Give one of the benchmark's people."""
    return User.objects.order_by("pk")[place]


def conversations(user: User, count: int) -> None:
    """Make so many, a minute apart, each with its key."""
    now = timezone.now()
    rows = [_conversation(user, now - timedelta(minutes=number)) for number in range(count)]
    WrappedKey.objects.bulk_create((key for _row, key in rows), batch_size=BATCH)
    Conversation.objects.bulk_create((row for row, _key in rows), batch_size=BATCH)


def conversation(user: User) -> tuple[Conversation, ContentKey]:
    """Make one; gives its key too."""
    row, wrapped = _conversation(user, timezone.now())
    wrapped.save(force_insert=True)
    row.save(force_insert=True)
    return row, ContentKey(row.uuid, vault.read(row.uuid))


def _conversation(user: User, moment: datetime) -> tuple[Conversation, WrappedKey]:
    row = Conversation(uuid=uuid4(), owner=user, model=MODEL, created_at=moment, active_at=moment)
    secret = crypto.new_key()
    row.title = cast(memoryview, ContentKey(row.uuid, secret).seal_title(f"A talk about rivers, at {moment:%H:%M}"))
    newest, wrapping = next(iter(vault.wrapping_keys().items()))
    wrapped = crypto.seal(wrapping, secret, row.uuid.bytes)
    return row, WrappedKey(owner=row.uuid, wrapping_key=newest, wrapped=wrapped, created_at=moment)


def messages(row: Conversation, key: ContentKey, count: int) -> list[Message]:
    """Add so many, question and answer by turns."""
    made = (_message(row, key, Message.Role.ASSISTANT if number % 2 else Message.Role.USER) for number in range(count))
    Message.objects.bulk_create(made, batch_size=BATCH)
    return list(Message.objects.filter(conversation=row).order_by("id"))


def _message(row: Conversation, key: ContentKey, role: str) -> Message:
    message = Message(uuid=uuid4(), conversation=row, role=role, created_at=row.created_at)
    message.body = cast(memoryview, key.seal(message.uuid, BODY, WORDS))
    return message


def runs(row: Conversation, rows: list[Message]) -> None:
    """Add the run of every answer."""
    price = prices.current(MODEL, timezone.now())
    made: Iterable[Run] = (
        Run(
            uuid=uuid4(),
            request_id=uuid4(),
            user=row.owner,
            conversation=row,
            message=question,
            reply=answer,
            model=MODEL,
            provider="anthropic",
            price=price,
            held=1,
            max_output=1,
            state=Run.State.ENDED,
            end=Run.End.FINISHED,
            started_at=row.created_at,
            heartbeat_at=row.created_at,
        )
        for question, answer in zip(rows[::2], rows[1::2], strict=True)
    )
    Run.objects.bulk_create(made, batch_size=BATCH)
