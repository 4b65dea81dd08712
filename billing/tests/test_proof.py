"""The proof of the books, and its daily run."""

from __future__ import annotations

from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from billing.metering import settle
from billing.models import Hold, LedgerAccount, Price
from billing.proof import Difference, differences
from billing.rates import CREDIT
from billing.tasks import prove_balances
from billing.tests.factories import NOW, LedgerAccountFactory, metered, place
from billing.tokens import Tokens
from caicaini.models import JobSlot

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(price: Price) -> LedgerAccount:
    """An account with a settled run and one under way, beside an empty account."""
    LedgerAccountFactory.create()
    account: LedgerAccount = LedgerAccountFactory.create(credits=100)
    run = uuid4()
    place(account, price, run=run)
    settle(run, metered(Tokens(input=1_000)), NOW)
    place(account, price)
    return account


def test_honest_books_have_no_difference(
    account: LedgerAccount, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        assert differences() == []


def test_a_balance_without_an_entry_is_found(account: LedgerAccount) -> None:
    LedgerAccount.objects.filter(pk=account.pk).update(available=95 * CREDIT)
    assert differences() == [Difference(account.uuid, 95 * CREDIT, 5 * CREDIT, 99 * CREDIT, 5 * CREDIT)]


def test_credit_held_for_no_run_is_found(account: LedgerAccount) -> None:
    LedgerAccount.objects.filter(pk=account.pk).update(available=93 * CREDIT, held=6 * CREDIT)
    assert differences() == [Difference(account.uuid, 93 * CREDIT, 6 * CREDIT, 99 * CREDIT, 5 * CREDIT)]


def test_a_hold_that_vanished_is_found(account: LedgerAccount) -> None:
    Hold.objects.filter(state="open").delete()
    assert [difference.open_holds for difference in differences()] == [0]


def test_the_daily_task_counts_the_differences_once_a_day(account: LedgerAccount) -> None:
    LedgerAccount.objects.filter(pk=account.pk).update(available=0)
    for _ in range(2):
        prove_balances()
    slot = JobSlot.objects.get(job="billing.prove_balances")
    assert slot.count == 1
    assert slot.finished_at
