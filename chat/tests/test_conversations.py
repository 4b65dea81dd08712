"""Conversations: their owner's, titled, listed by activity at any depth, deleted and restored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from caicaini import vault
from caicaini.crypto import UnreadableError
from chat import conversations, presenting
from chat.content import ContentKey
from chat.conversations import Heading
from chat.errors import NotFound
from chat.models import Conversation

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def make(owner: User, title: str = "Rivers", active_at: datetime = NOON) -> Conversation:
    uuid = uuid4()
    key = ContentKey(uuid, vault.create(uuid, NOON))
    sealed = cast(memoryview, key.seal_title(title))
    return Conversation.objects.create(
        uuid=uuid, owner=owner, title=sealed, model="demo", created_at=NOON, active_at=active_at
    )


def test_title_is_stored_sealed_and_bound_to_its_conversation(ann: User) -> None:
    first, second = make(ann, "The rivers of France"), make(ann, "Other")
    stored = bytes(Conversation.objects.get(pk=first.pk).title)
    assert b"rivers" not in stored
    assert conversations.key_of(first).unseal_title(stored) == "The rivers of France"
    with pytest.raises(UnreadableError):
        conversations.key_of(second).unseal_title(stored)


def test_every_page_of_the_sidebar_continues_where_the_last_one_ended(ann: User, bob: User) -> None:
    made = [make(ann, str(n), NOON - timedelta(minutes=n // 2)) for n in range(120)]
    make(bob)
    seen: list[UUID] = []
    before = ""
    while True:
        page = conversations.page(ann, before)
        seen += [heading.uuid for heading in page.headings]
        before = page.before
        if not before:
            break
    assert sorted(seen, key=str) == sorted((row.uuid for row in made), key=str)
    assert len(seen) == len(set(seen)) == 120


@given(st.text())
def test_any_page_mark_is_understood_or_means_the_first_page(mark: str) -> None:
    conversations.parse_mark(mark)


@given(st.text())
def test_title_is_never_empty_and_never_long(text: str) -> None:
    title = conversations.title_from(text)
    assert 0 < len(title) <= conversations.TITLE_CHARACTERS  # what the rename form takes
    assert "\n" not in title


def test_stranger_finds_nothing_and_changes_nothing(ann: User, bob: User) -> None:
    row = make(ann)
    for attempt in (
        lambda: conversations.find(bob, row.uuid),
        lambda: conversations.rename(bob, row.uuid, "Mine"),
        lambda: conversations.hide(bob, row.uuid, NOON),
        lambda: conversations.restore(bob, row.uuid, NOON),
    ):
        with pytest.raises(NotFound):
            attempt()
    row.refresh_from_db()
    assert row.hidden_at is None


def test_rename_tidies_white_space_and_ignores_nothing_at_all(ann: User) -> None:
    row = make(ann)
    conversations.rename(ann, row.uuid, "  Long \n rivers ")
    conversations.rename(ann, row.uuid, "   ")
    row.refresh_from_db()
    assert conversations.key_of(row).unseal_title(row.title) == "Long rivers"


def test_deleted_conversation_is_gone_from_everywhere_and_comes_back_within_the_minute(ann: User) -> None:
    row = make(ann)
    conversations.hide(ann, row.uuid, NOON)
    assert conversations.page(ann).headings == []
    with pytest.raises(NotFound):
        conversations.find(ann, row.uuid)
    conversations.restore(ann, row.uuid, NOON + timedelta(seconds=59))
    assert conversations.find(ann, row.uuid) == row


def test_undo_is_refused_after_the_minute(ann: User) -> None:
    row = make(ann)
    conversations.hide(ann, row.uuid, NOON)
    with pytest.raises(NotFound):
        conversations.restore(ann, row.uuid, NOON + timedelta(seconds=60))


def test_days_follow_the_readers_zone() -> None:
    late = Heading(uuid4(), "Late", datetime(2026, 11, 22, 23, 30, tzinfo=UTC))
    in_london = presenting.by_day([late], None, ZoneInfo("Europe/London"), NOON)
    in_tokyo = presenting.by_day([late], None, ZoneInfo("Asia/Tokyo"), NOON)
    assert [group[0] for group in in_london + in_tokyo] == ["Yesterday", "Today"]


@pytest.mark.parametrize(
    ("days", "label"), [(-1, "Today"), (0, "Today"), (1, "Yesterday"), (2, "Saturday"), (40, "October 2026")]
)
def test_days_have_the_names_that_people_use(days: int, label: str) -> None:
    today = NOON.date()
    assert presenting.day_label(today - timedelta(days=days), today) == label


@pytest.mark.parametrize("text", ["\u200b\u200d", "\u2060\n\u200b", " \u200b "])
def test_title_is_something_that_can_be_seen(text: str, ann: User) -> None:
    assert conversations.title_from(text) == "New conversation"
    row = make(ann)
    before = conversations.page(ann).headings[0].title
    conversations.rename(ann, row.uuid, text)
    assert conversations.page(ann).headings[0].title == before


def test_title_is_the_first_line_with_words() -> None:
    assert conversations.title_from("---\n\n## Rivers\nof the world") == "Rivers"
