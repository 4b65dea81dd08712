"""Conversations for privacy's tests, made as people make them: sent, answered, settled."""

from __future__ import annotations

from datetime import datetime
from typing import cast
from uuid import uuid4

from accounts.models import User
from billing import seeds as price_seeds
from chat import conversations, endings, turns
from chat import seeds as model_seeds
from chat.content import BODY
from chat.endings import Outcome
from chat.failure_policy import Cause, decide
from chat.models import Conversation, Message
from chat.providers.base import FinishReason, Usage
from chat.turns import Draft, Sent


def offer_models(now: datetime) -> None:
    """Fill the catalogue and its prices."""
    model_seeds.seed()
    price_seeds.seed(now)


def ask(user: User, text: str, now: datetime, conversation: Conversation | None = None) -> Sent:
    """Send a message whose answer is still to come."""
    return turns.send(user, Draft(uuid4(), conversation.uuid if conversation else None, "demo", text), now)


def answer(sent: Sent, text: str, now: datetime) -> None:
    """End the run as one that finished well."""
    assert sent.order
    ruling = decide(Cause.MODEL, FinishReason.DONE, Usage(input=100, output=50), text)
    endings.end_run(sent.run.uuid, sent.order.key, Outcome(ruling, text, "", "", 120, 900, 3), now)


def talk(user: User, now: datetime, text: str = "Name three rivers.", reply: str = "Seine, Nile, Ob.") -> Conversation:
    """Make a conversation of one turn."""
    sent = ask(user, text, now)
    answer(sent, reply, now)
    return sent.conversation


def lengthen(conversation: Conversation, count: int, now: datetime) -> None:
    """Add many messages, each the child of the one before."""
    key = conversations.key_of(conversation)
    rows = [Message(uuid=uuid4(), conversation=conversation, role="user", created_at=now) for _ in range(count)]
    for row in rows:
        row.body = cast(memoryview, key.seal(row.uuid, BODY, "More."))
    made = Message.objects.bulk_create(rows, batch_size=500)
    ordered = list(Message.objects.filter(uuid__in=[row.uuid for row in made]).order_by("pk"))
    for child, parent in zip(ordered[1:], ordered, strict=False):
        child.parent = parent
    Message.objects.bulk_update(ordered[1:], ["parent"], batch_size=200)
