"""The messages of a conversation, opened for a reader or for a model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chat.content import BODY, REASONING, ContentKey
from chat.models import Conversation, Message, Run
from chat.providers.base import Role, Turn


@dataclass(frozen=True, slots=True)
class Line:
    """One message in the clear, with the run that wrote it when it is a reply."""

    message: Message
    text: str
    reasoning: str
    run: Run | None


def lines(conversation: Conversation, key: ContentKey) -> list[Line]:
    """Open every message in reading order: two queries."""
    messages = list(Message.objects.filter(conversation=conversation).order_by("id"))
    runs = {run.reply_id: run for run in Run.objects.filter(conversation=conversation)}
    return [open_line(message, runs.get(message.pk), key) for message in messages]


def words(conversation: Conversation, key: ContentKey) -> list[Line]:
    """Open what every message says, in reading order, without its thinking and its run, for a model: one query."""
    messages = Message.objects.filter(conversation=conversation).order_by("id").defer("reasoning")
    return [Line(message, key.unseal(message.uuid, BODY, message.body), "", None) for message in messages]


def open_line(message: Message, run: Run | None, key: ContentKey) -> Line:
    """Decrypt one message."""
    text = key.unseal(message.uuid, BODY, message.body)
    reasoning = key.unseal(message.uuid, REASONING, message.reasoning) if message.reasoning else ""
    return Line(message, text, reasoning, run)


def turns(opened: Iterable[Line]) -> list[Turn]:
    """Give what a model gets to read: words only, thinking left out, empty replies skipped."""
    return [Turn(Role(line.message.role), line.text) for line in opened if line.text.strip()]
