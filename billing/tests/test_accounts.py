"""Opening an account, its balance, giving credit, and cutting the link."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from billing.accounts import Balance, account_of, balance, grant, grant_by_staff
from billing.errors import InsufficientCredit
from billing.models import AccountLink, LedgerAccount, LedgerEntry
from billing.rates import CREDIT
from billing.tests.factories import NOW, LedgerAccountFactory, assert_books_agree
from billing.tests.threads import at_once
from caicaini.models import AuditEvent


@pytest.mark.django_db
def test_the_first_need_opens_an_account_with_the_welcome_credit(ann: User, settings: Settings) -> None:
    settings.SIGNUP_GRANT_CREDITS = 7
    account = account_of(ann)
    assert balance(ann) == Balance(available=7 * CREDIT, held=0)
    entry = account.entries.get()
    assert (entry.kind, entry.note, entry.amount) == ("grant", "sign_up", 7 * CREDIT)
    assert (entry.retain_until - entry.created_at.date()).days == 2557
    assert_books_agree(account)


@pytest.mark.django_db
def test_without_a_welcome_credit_the_account_is_empty(ann: User, settings: Settings) -> None:
    settings.SIGNUP_GRANT_CREDITS = 0
    assert balance(ann) == Balance(0, 0)
    assert not LedgerEntry.objects.exists()


@pytest.mark.django_db
def test_an_open_account_is_found_with_one_query(ann: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    account = account_of(ann)
    with django_assert_num_queries(1):
        assert account_of(ann) == account
    with django_assert_num_queries(1):
        balance(ann)


@pytest.mark.django_db
def test_people_have_accounts_of_their_own(ann: User, bob: User) -> None:
    grant(account_of(ann), 5 * CREDIT, "goodwill", NOW)
    assert balance(ann).available == balance(bob).available + 5 * CREDIT


@pytest.mark.django_db(transaction=True)
def test_parallel_first_needs_make_one_account_and_one_grant(ann: User, settings: Settings) -> None:
    settings.SIGNUP_GRANT_CREDITS = 7
    found = at_once(8, lambda _number: account_of(ann).pk)
    assert set(found) == {AccountLink.objects.get(user=ann).account_id}
    assert LedgerAccount.objects.count() == LedgerEntry.objects.count() == 1
    assert balance(ann).available == 7 * CREDIT


@pytest.mark.django_db
def test_a_grant_below_zero_takes_back_down_to_nothing() -> None:
    account = LedgerAccountFactory.create(credits=10)
    assert grant(account, -10 * CREDIT, "correction", NOW)
    assert account.entries.get(amount__lt=0).kind == "adjustment"
    with pytest.raises(InsufficientCredit):
        grant(account, -1, "correction", NOW)
    assert_books_agree(account)


@pytest.mark.django_db
@pytest.mark.parametrize(("micro", "note"), [(0, "goodwill"), (1, "for being so kind to me")])
def test_a_grant_of_nothing_or_with_free_words_is_refused(micro: int, note: str) -> None:
    with pytest.raises(ValueError, match=r"nothing|not a valid"):
        grant(LedgerAccountFactory.create(), micro, note, NOW)


@pytest.mark.django_db(transaction=True)
def test_the_same_grant_sent_by_threads_counts_once() -> None:
    account, key = LedgerAccountFactory.create(), uuid4()
    done = at_once(6, lambda _number: grant(account, CREDIT, "goodwill", NOW, key=key))
    assert sorted(done) == [False] * 5 + [True]  # type: ignore[type-var]  # an exception would not sort
    assert_books_agree(account)


@pytest.mark.django_db
def test_a_grant_by_staff_is_audited_and_all_or_nothing(sam: User) -> None:
    rich, poor = LedgerAccountFactory.create(credits=9), LedgerAccountFactory.create(credits=1)
    with pytest.raises(InsufficientCredit):
        grant_by_staff([rich, poor], -5 * CREDIT, "correction", NOW, key=uuid4(), actor=sam.uuid)
    assert not AuditEvent.objects.exists()
    key = uuid4()
    assert [grant_by_staff([rich, poor], CREDIT, "outage", NOW, key=key, actor=sam.uuid) for _ in range(2)] == [2, 0]
    events = AuditEvent.objects.filter(action="billing.granted", actor=sam.uuid)
    assert {event.subject for event in events} == {str(rich.uuid), str(poor.uuid)}
    assert [event.facts for event in events] == [{"amount": CREDIT, "note": "outage"}] * 2
    for account in (rich, poor):
        assert_books_agree(account)


@pytest.mark.django_db
def test_cutting_the_link_leaves_books_that_belong_to_nobody(ann: User) -> None:
    account = account_of(ann)
    AccountLink.objects.filter(user=ann).delete()
    ann.delete()
    assert_books_agree(account)
    assert account.entries.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("side", ["available", "held"])
def test_the_database_itself_refuses_a_debt(side: str) -> None:
    account = LedgerAccountFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE billing_ledgeraccount SET {side} = -1 WHERE id = %s", [account.pk])


@pytest.mark.django_db
def test_an_entry_of_nothing_is_refused() -> None:
    account = LedgerAccountFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.create(account=account, kind="grant", amount=0, created_at=NOW, retain_until=NOW.date())
