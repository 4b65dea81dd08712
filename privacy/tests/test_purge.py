"""Deleting deletes: after the undo minute the key, then every row, through crashes and races; and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from billing import proof
from billing.accounts import balance
from billing.models import Hold, LedgerEntry, UsageRecord
from billing.tests.threads import at_once
from caicaini import vault
from caicaini.crypto import UnreadableError
from caicaini.models import JobSlot, WrappedKey
from chat import conversations
from chat.errors import NotFound
from chat.models import Conversation, Message, Run
from privacy import purge, tasks
from privacy.tests.factories import answer, ask, lengthen, offer_models, talk

pytestmark = pytest.mark.django_db
NOW = timezone.now()
SECOND = timedelta(seconds=1)
LATER = NOW + 61 * SECOND


@pytest.fixture(autouse=True)
def models_on_offer(db: None) -> None:
    offer_models(NOW - timedelta(days=90))


def delete(user: User, conversation: Conversation) -> Conversation:
    conversations.hide(user, conversation.uuid, NOW)
    return conversation


def left_of(conversation: Conversation) -> tuple[bool, int, int, int]:
    """Give what is still there: the key, and how many conversations, messages and runs."""
    return (
        WrappedKey.objects.filter(owner=conversation.uuid).exists(),
        Conversation.objects.filter(uuid=conversation.uuid).count(),
        Message.objects.filter(conversation_id=conversation.pk).count(),
        Run.objects.filter(conversation_id=conversation.pk).count(),
    )


GONE = (False, 0, 0, 0)
WHOLE = (True, 1, 2, 1)


def test_a_deleted_conversation_goes_after_the_undo_minute_and_not_before(ann: User) -> None:
    conversation = delete(ann, talk(ann, NOW))
    assert purge.purge_hidden(NOW + 59 * SECOND) == 0
    assert left_of(conversation) == WHOLE
    assert purge.purge_hidden(NOW + 60 * SECOND) == 1
    assert left_of(conversation) == GONE
    with pytest.raises(UnreadableError):
        vault.read(conversation.uuid)


def test_everything_else_stays(ann: User, bob: User) -> None:
    kept, bobs, fresh = talk(ann, NOW), talk(bob, NOW), talk(ann, NOW)
    delete(ann, talk(ann, NOW))
    conversations.hide(ann, fresh.uuid, NOW + 30 * SECOND)
    assert purge.purge_hidden(LATER) == 1
    assert [left_of(row) for row in (kept, bobs, fresh)] == [WHOLE] * 3
    assert conversations.page(ann).headings[0].title == "Name three rivers."
    assert conversations.restore(ann, fresh.uuid, LATER).uuid == fresh.uuid


def test_the_books_keep_the_receipt_and_no_way_back(ann: User) -> None:
    conversation = talk(ann, NOW)
    before = balance(ann), UsageRecord.objects.values().get(), list(LedgerEntry.objects.values()), Hold.objects.count()
    delete(ann, conversation)
    purge.purge_hidden(LATER)
    after = balance(ann), UsageRecord.objects.values().get(), list(LedgerEntry.objects.values()), Hold.objects.count()
    assert after == before
    assert list(proof.differences()) == []
    assert str(conversation.uuid) not in repr(after)


def test_a_long_conversation_goes_in_batches(ann: User) -> None:
    conversation = talk(ann, NOW)
    lengthen(conversation, 1_200, NOW)
    delete(ann, conversation)
    with CaptureQueriesContext(connection) as queries:
        assert purge.purge_hidden(LATER) == 1
    deletes = [
        query["sql"] for query in queries if query["sql"].startswith("DELETE") and "chat_message" in query["sql"]
    ]
    assert len(deletes) == 3
    assert left_of(conversation) == GONE


def test_calling_it_again_is_harmless(ann: User) -> None:
    conversation = delete(ann, talk(ann, NOW))
    assert [purge.purge_hidden(LATER), purge.purge_hidden(LATER), purge.purge_hidden(LATER)] == [1, 0, 0]
    assert purge.purge(conversation)


def test_a_reply_under_way_loses_its_key_at_once_and_its_rows_once_it_is_settled(ann: User) -> None:
    sent = ask(ann, "Name three rivers.", NOW)
    conversations.hide(ann, sent.conversation.uuid, NOW)
    for _turn in range(2):
        assert purge.purge_hidden(LATER) == 0
        assert left_of(sent.conversation) == (False, 1, 2, 1)
    assert balance(ann).held > 0
    answer(sent, "Seine, Nile, Ob.", LATER)
    assert balance(ann).held == 0
    assert purge.purge_hidden(LATER) == 1
    assert left_of(sent.conversation) == GONE
    assert UsageRecord.objects.filter(run=sent.run.uuid).exists()


def test_a_reply_under_way_does_not_hold_up_the_others(ann: User) -> None:
    sent = ask(ann, "Name three rivers.", NOW)
    conversations.hide(ann, sent.conversation.uuid, NOW - SECOND)
    other = delete(ann, talk(ann, NOW))
    assert purge.purge_hidden(LATER) == 1
    assert left_of(other) == GONE


Rows = models.QuerySet[Message] | models.QuerySet[Run]
delete_rows = purge._delete_in_batches


@pytest.mark.parametrize(("table", "is_before"), [(Run, True), (Message, True), (Message, False)])
def test_a_crash_between_key_and_rows_is_made_good_by_the_next_turn(
    table: type[models.Model], is_before: bool, ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = delete(ann, talk(ann, NOW))

    def crash(rows: Rows) -> None:
        if not (is_before and rows.model is table):
            delete_rows(rows)
        if rows.model is table:
            raise MemoryError

    monkeypatch.setattr(purge, "_delete_in_batches", crash)
    with pytest.raises(MemoryError):
        purge.purge_hidden(LATER)
    has_key, rows, *_others = left_of(conversation)
    assert (has_key, rows) == (False, 1)
    monkeypatch.setattr(purge, "_delete_in_batches", delete_rows)
    with pytest.raises(NotFound):
        conversations.restore(ann, conversation.uuid, NOW)
    assert purge.purge_hidden(LATER) == 1
    assert left_of(conversation) == GONE


def test_a_turn_ends_when_its_time_is_up_and_the_next_one_goes_on(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [delete(ann, talk(ann, NOW)) for _ in range(3)]
    clock = iter([0.0, 10.0, 44.0, 46.0])
    monkeypatch.setattr("privacy.purge.monotonic", lambda: next(clock))
    assert purge.purge_hidden(LATER) == 2
    monkeypatch.undo()
    assert purge.purge_hidden(LATER) == 1
    assert [left_of(row) for row in rows] == [GONE] * 3


def before_the_key_goes(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen in the middle of the first purge."""
    real, acts = vault.destroy, [act]

    def destroy(owners: list[UUID]) -> int:
        while acts:
            acts.pop()()
        return real(owners)

    monkeypatch.setattr("privacy.purge.vault.destroy", destroy)


def test_an_undo_that_comes_too_late_by_any_clock_finds_nothing(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = delete(ann, talk(ann, NOW))
    refused: list[str] = []

    def undo() -> None:
        try:
            conversations.restore(ann, conversation.uuid, NOW + SECOND)  # a request that read its clock a minute ago
        except NotFound as error:
            refused.append(error.code)

    before_the_key_goes(monkeypatch, undo)
    assert purge.purge_hidden(LATER) == 1
    assert len(refused) == 1
    assert left_of(conversation) == GONE


def test_an_undo_that_comes_first_wins_even_when_the_purge_had_its_eye_on_it(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversations.hide(ann, talk(ann, NOW).uuid, NOW - SECOND)
    saved = delete(ann, talk(ann, NOW))
    before_the_key_goes(monkeypatch, lambda: conversations.restore(ann, saved.uuid, NOW + SECOND))
    assert purge.purge_hidden(LATER) == 1
    assert left_of(saved) == WHOLE
    assert conversations.key_of(conversations.find(ann, saved.uuid)).conversation == saved.uuid


@pytest.mark.django_db(transaction=True)
def test_a_row_added_in_the_middle_is_taken_along_by_the_next_turn_and_holds_up_nobody(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (delete(ann, talk(ann, NOW)) for _ in range(2))
    late: list[Message] = []

    def delete_and_add(rows: Rows) -> None:
        delete_rows(rows)
        if rows.model is Message and not late:
            late.append(Message.objects.create(conversation=first, role="user", body=b"late", created_at=NOW))

    monkeypatch.setattr(purge, "_delete_in_batches", delete_and_add)
    assert purge.purge_hidden(LATER) == 1
    assert left_of(first) == (False, 1, 1, 0)
    assert left_of(second) == GONE
    assert purge.purge_hidden(LATER) == 1
    assert left_of(first) == GONE


@pytest.mark.django_db(transaction=True)
def test_nobody_writes_past_a_deletion(ann: User) -> None:
    """Three tabs go on sending while the conversation is deleted and purged: not one row is left behind."""
    conversation = talk(ann, NOW)
    has_begun = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert has_begun.wait(30)
            conversations.hide(ann, conversation.uuid, NOW)
            while Conversation.objects.filter(pk=conversation.pk).exists():
                purge.purge_hidden(LATER)
            return 0
        sent = 0
        for _try in range(1_000):
            try:
                answer(ask(ann, "And more?", NOW, conversation), "More.", NOW)
                sent += 1
                has_begun.set()
            except (NotFound, UnreadableError):
                break
            except Exception as error:
                if getattr(error, "code", "") != "reply_running":
                    raise
        return sent

    results = at_once(4, work)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert left_of(conversation) == GONE
    assert Message.objects.count() == Run.objects.count() == WrappedKey.objects.count() == 0
    assert list(proof.differences()) == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_purge_everything_once(ann: User) -> None:
    rows = [delete(ann, talk(ann, NOW)) for _ in range(12)]
    results = at_once(3, lambda _number: purge.purge_hidden(LATER))
    assert [result for result in results if isinstance(result, Exception)] == []
    assert [left_of(row) for row in rows] == [GONE] * 12


def make_key(age: timedelta) -> UUID:
    owner = uuid4()
    vault.create(owner, NOW - age)
    return owner


def test_keys_that_nothing_uses_go_after_a_day_and_used_ones_never(ann: User) -> None:
    living, hidden = talk(ann, NOW - timedelta(days=30)), talk(ann, NOW - timedelta(days=30))
    conversations.hide(ann, hidden.uuid, NOW)
    old, young = make_key(timedelta(days=1, seconds=1)), make_key(timedelta(hours=23))
    assert purge.sweep_unused_keys(NOW) == 1
    assert set(WrappedKey.objects.values_list("owner", flat=True)) == {living.uuid, hidden.uuid, young}
    assert purge.sweep_unused_keys(NOW) == 0
    assert old not in vault.read_existing([old])


def test_the_sweep_reads_on_past_any_number_of_living_keys(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purge, "BATCH", 5)
    for _number in range(13):
        talk(ann, NOW - timedelta(days=30))
    unused = {make_key(timedelta(days=2)) for _ in range(11)}
    assert purge.sweep_unused_keys(NOW) == 11
    assert unused.isdisjoint(WrappedKey.objects.values_list("owner", flat=True))
    assert WrappedKey.objects.count() == 13


def test_a_vault_beside_the_wrong_database_is_not_emptied(ann: User) -> None:
    talk(ann, NOW - timedelta(days=30))
    for _number in range(30):
        make_key(timedelta(days=2))
    assert purge.sweep_unused_keys(NOW) == 0
    assert WrappedKey.objects.count() == 31


def test_the_tasks_run_once_a_slot(ann: User) -> None:
    first, second = talk(ann, NOW), talk(ann, NOW)
    conversations.hide(ann, first.uuid, NOW)
    with time_machine.travel(LATER, tick=False):
        tasks.purge_hidden_conversations()
        conversations.hide(ann, second.uuid, NOW)
        tasks.purge_hidden_conversations()
        tasks.sweep_unused_keys()
        tasks.sweep_unused_keys()
    assert [left_of(row) for row in (first, second)] == [GONE, WHOLE]
    with time_machine.travel(LATER + timedelta(minutes=1), tick=False):
        tasks.purge_hidden_conversations()
    assert left_of(second) == GONE
    runs = JobSlot.objects.exclude(finished_at=None).order_by("pk").values_list("job", "count")
    assert list(runs) == [("privacy.purge", 1), ("privacy.sweep_keys", 0), ("privacy.purge", 1)]
