"""The audit chain: unbroken whoever writes at the same moment, and broken by whatever is done to it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from billing.tests.threads import at_once
from caicaini import append_only, audit
from caicaini.apps import install_triggers
from caicaini.audit import Fact
from caicaini.models import AuditEvent

NOW = datetime(2026, 11, 23, 12, 34, 56, 789_123, tzinfo=UTC)
TABLE = "caicaini_auditevent"


def add(count: int = 1, **facts: Fact) -> None:
    for number in range(count):
        audit.record(
            "test.done",
            now=NOW + timedelta(seconds=number),
            actor=uuid4(),
            subject_type="accounts.User",
            subject=str(uuid4()),
            number=number,
            **facts,
        )


def first_break() -> int | None:
    return audit.first_break(AuditEvent.objects.order_by("sequence"))


def execute(statement: str, *parameters: str | int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


@pytest.fixture
def unprotected(transactional_db: None) -> Iterator[None]:
    """Five events in a table whose triggers an intruder took away; on MariaDB that ends transactions."""
    add(5)
    append_only.remove(connection, [TABLE])
    yield
    append_only.install(connection)


@pytest.mark.django_db
def test_a_chain_that_nobody_touched_verifies_as_stored() -> None:
    assert first_break() is None
    add(5, was_forced=True, note="Grüße", nothing=None, amount=-(2**60))
    assert first_break() is None
    assert list(AuditEvent.objects.order_by("sequence").values_list("sequence", flat=True)) == [1, 2, 3, 4, 5]


@pytest.mark.django_db
@pytest.mark.parametrize("actor", [None, UUID(int=7)])
def test_an_event_is_kept_for_three_years_and_names_ids_only(actor: UUID | None) -> None:
    event = audit.record("test.done", now=NOW, actor=actor, subject_type="accounts.User")
    assert event.retain_until == (NOW + timedelta(days=1095)).date()
    assert str(event) == f"AuditEvent {event.sequence}"
    event.refresh_from_db()
    assert (event.actor, event.at, event.hash) == (actor, NOW, audit.digest(event))


@pytest.mark.parametrize(
    "change",
    [
        "action = 'test.undone'",
        "actor = NULL",
        "subject = ''",
        "subject_type = 'chat.Run'",
        "facts = '{\"number\": 9}'",
        "at = '2026-11-23 12:34:58.789124'",
        "retain_until = '2031-01-01'",
        "previous_hash = REPEAT_ZERO",
        "hash = REPEAT_ZERO",
    ],
)
def test_an_edited_event_is_found(unprotected: None, change: str) -> None:
    execute(f"UPDATE {TABLE} SET {change} WHERE sequence = 3".replace("REPEAT_ZERO", f"'{'0' * 64}'"))
    assert first_break() == 3


def test_a_removed_event_is_found(unprotected: None) -> None:
    execute(f"DELETE FROM {TABLE} WHERE sequence = 2")
    assert first_break() == 2


def test_a_removed_event_whose_number_was_filled_is_found(unprotected: None) -> None:
    execute(f"DELETE FROM {TABLE} WHERE sequence = 2")
    for number in (3, 4, 5):
        execute(f"UPDATE {TABLE} SET sequence = %s WHERE sequence = %s", number - 1, number)
    assert first_break() == 2


def test_swapped_events_are_found(unprotected: None) -> None:
    for new, old in ((99, 2), (2, 3), (3, 99)):
        execute(f"UPDATE {TABLE} SET sequence = %s WHERE sequence = %s", new, old)
    assert first_break() == 2


def test_an_invented_event_is_found(unprotected: None) -> None:
    execute(
        f"INSERT INTO {TABLE} (sequence, at, action, subject_type, subject, facts, previous_hash, hash, retain_until) "
        "SELECT 6, at, action, subject_type, subject, facts, previous_hash, %s, retain_until "
        f"FROM {TABLE} WHERE sequence = 5",
        "f" * 64,
    )
    assert first_break() == 6


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [f"UPDATE {TABLE} SET action = 'x'", f"UPDATE {TABLE} SET sequence = sequence + 10", f"DELETE FROM {TABLE}"],
)
def test_the_database_itself_refuses_changes(statement: str) -> None:
    add(2)
    with pytest.raises(DatabaseError), transaction.atomic():
        execute(statement)
    assert first_break() is None
    assert AuditEvent.objects.count() == 2


@pytest.mark.django_db
def test_an_event_may_go_after_its_time_and_not_a_day_before() -> None:
    ages = [audit.RETAIN_FOR + timedelta(days=1), audit.RETAIN_FOR - timedelta(days=2)]
    old, young = (
        audit.record("test.done", now=timezone.now() - age, actor=None, subject_type="accounts.User") for age in ages
    )
    AuditEvent.objects.filter(pk=old.pk).delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEvent.objects.filter(pk=young.pk).delete()
    assert AuditEvent.objects.get() == young


@pytest.mark.django_db(transaction=True)
def test_the_triggers_return_after_migrations() -> None:
    add()
    append_only.remove(connection, [TABLE])
    install_triggers(using="default")
    install_triggers(using="vault")  # holds no such table
    with pytest.raises(DatabaseError):
        execute(f"UPDATE {TABLE} SET action = 'x'")


@pytest.mark.django_db(transaction=True)
def test_parallel_writers_make_one_unbroken_chain() -> None:
    results = at_once(6, lambda _number: add(8))
    assert [result for result in results if isinstance(result, Exception)] == []
    assert AuditEvent.objects.count() == 48
    assert first_break() is None


@pytest.mark.django_db(transaction=True)
def test_writers_inside_longer_transactions_do_not_break_the_chain() -> None:
    def work(number: int) -> None:
        with transaction.atomic():
            add()
            if number % 2:
                transaction.set_rollback(True)

    add()
    for _round in range(3):
        results = at_once(6, work)
        assert [result for result in results if isinstance(result, Exception)] == []
    assert AuditEvent.objects.count() == 10
    assert first_break() is None


@pytest.mark.django_db
def test_what_can_never_be_stored_is_said_and_not_called_contention() -> None:
    with pytest.raises(IntegrityError, match=r"(?i)null"):
        audit.record("test.done", now=NOW, actor=None, subject_type=None)  # type: ignore[arg-type]


@given(st.datetimes(timezones=st.just(UTC)), st.integers(1, 5))
def test_a_microsecond_more_is_another_hash(at: datetime, more: int) -> None:
    def digest(moment: datetime) -> str:
        return audit.digest(AuditEvent(at=moment, sequence=1, facts={}, retain_until=NOW.date()))

    later = at.replace(microsecond=(at.microsecond + more) % 1_000_000)
    assert digest(at) != digest(later)


@pytest.mark.django_db
@given(st.dictionaries(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), st.integers() | st.text(), max_size=5))
def test_any_facts_verify_once_they_have_been_stored(facts: dict[str, Fact]) -> None:
    reserved = {"action", "now", "actor", "subject_type", "subject"}
    clean = {name: fact for name, fact in facts.items() if name not in reserved}
    event = audit.record("test.done", now=NOW, actor=None, subject_type="x", **cast(dict[str, Any], clean))
    event.refresh_from_db()
    assert event.hash == audit.digest(event)
