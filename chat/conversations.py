"""Conversations as their owner sees them: list, title, rename, delete, undo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from caicaini import vault
from caicaini.prepared import Prepared
from chat.content import ContentKey
from chat.errors import conversation_not_found
from chat.models import Conversation

PAGE = 50
TITLE_CHARACTERS = 80
MARK = "%Y%m%dT%H%M%S.%f"
VISIBLE = Prepared(
    Conversation,
    lambda rows, user, uuid: rows.filter(owner_id=user, hidden_at=None, uuid=uuid),
    user="owner",
    uuid="uuid",
)
UNDO_FOR = timedelta(seconds=60)  # privacy's purge leaves a hidden conversation alone for as long


@dataclass(frozen=True, slots=True)
class Heading:
    """A conversation in the sidebar."""

    uuid: UUID
    title: str
    active_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the sidebar's conversations, newest first; `before` asks for the next ones, empty at the end."""

    headings: list[Heading]
    before: str


def find(user: User, uuid: UUID) -> Conversation:
    """Give the person's own visible conversation; raises NotFound, the same for a foreign and an unknown id."""
    row = VISIBLE.first(user=user.pk, uuid=uuid)
    if row is None:
        raise conversation_not_found()
    return row


def is_visible_to(user: User, uuid: UUID) -> bool:
    """Say whether it is the person's own and not deleted."""
    return VISIBLE.first(user=user.pk, uuid=uuid) is not None


def key_of(conversation: Conversation) -> ContentKey:
    """Unwrap the conversation's key: one query to the vault; raises crypto.UnreadableError once it is destroyed."""
    return ContentKey(conversation.uuid, vault.read(conversation.uuid))


def page(user: User, before: str = "") -> Page:
    """Give 50 conversations by last activity, at any depth by keyset: two queries."""
    rows = Conversation.objects.visible_to(user).order_by("-active_at", "-id")
    mark = parse_mark(before)
    if mark:
        rows = rows.filter(Q(active_at__lt=mark[0]) | Q(active_at=mark[0], id__lt=mark[1]))
    found = list(rows.only("id", "uuid", "title", "active_at")[: PAGE + 1])
    shown = found[:PAGE]
    keys = vault.read_existing([row.uuid for row in shown])
    headings = [
        Heading(row.uuid, ContentKey(row.uuid, keys[row.uuid]).unseal_title(row.title), row.active_at)
        for row in shown
        if row.uuid in keys
    ]
    last = shown[-1] if len(found) > PAGE else None
    return Page(headings, f"{last.active_at.astimezone(UTC):{MARK}}~{last.pk}" if last else "")


def parse_mark(before: str) -> tuple[datetime, int] | None:
    """Read a page's `before`; anything else counts as the first page."""
    moment, _tilde, pk = before.partition("~")
    try:
        return datetime.strptime(moment, MARK).replace(tzinfo=UTC), int(pk)
    except ValueError:
        return None


def title_from(text: str) -> str:
    """Make a title of a first message: its first line, cut at a word."""
    lines = (line.strip().lstrip("#>*- ").strip() for line in text.splitlines())
    line = next(filter(is_visible, lines), "") or _("New conversation")
    if len(line) <= TITLE_CHARACTERS:
        return line
    return line[: TITLE_CHARACTERS - 1].rsplit(" ", 1)[0].rstrip() + "…"


def is_visible(text: str) -> bool:
    """Whether there is anything to see: a title of zero-width characters would be a link that nobody can hit."""
    return any(character.isprintable() and not character.isspace() for character in text)


def rename(user: User, uuid: UUID, title: str) -> Conversation:
    """Give a conversation another title; an empty one changes nothing."""
    row = find(user, uuid)
    cleaned = " ".join(title.split())[:TITLE_CHARACTERS]
    if is_visible(cleaned):
        row.title = cast(memoryview, key_of(row).seal_title(cleaned))
        row.save(update_fields=["title"])
    return row


def hide(user: User, uuid: UUID, now: datetime) -> Conversation:
    """Delete, as far as anyone can see: from now on nothing reaches it, and privacy's purge carries it out."""
    row = find(user, uuid)
    Conversation.objects.visible_to(user).filter(pk=row.pk).update(hidden_at=now)
    return row


def takes_text(conversation: Conversation, now: datetime) -> bool:
    """Whether a reply may still be saved: until the undo is over, because that has to bring back every word."""
    return conversation.hidden_at is None or conversation.hidden_at > now - UNDO_FOR


def restore(user: User, uuid: UUID, now: datetime) -> Conversation:
    """Undo a deletion within a minute; raises NotFound afterwards."""
    hidden = Conversation.objects.hidden_by(user).filter(uuid=uuid, hidden_at__gt=now - UNDO_FOR)
    if not hidden.update(hidden_at=None):
        raise conversation_not_found()
    return find(user, uuid)
