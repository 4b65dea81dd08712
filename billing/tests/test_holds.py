"""Setting credit aside: the clamp, the refusals, and many at once."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from billing import holds
from billing.errors import InsufficientCredit
from billing.holds import PlacedHold
from billing.models import Hold, Price
from billing.rates import CREDIT
from billing.tests.factories import NOW, LedgerAccountFactory, PriceFactory, assert_books_agree, place
from billing.tests.threads import at_once


@pytest.mark.django_db
def test_a_hold_sets_the_worst_case_aside(price: Price) -> None:
    account, run = LedgerAccountFactory.create(credits=100), uuid4()
    assert place(account, price, run=run) == PlacedHold(amount=5 * CREDIT, max_output=1_000)
    account.refresh_from_db()
    assert (account.available, account.held) == (95 * CREDIT, 5 * CREDIT)
    hold = Hold.objects.get(run=run)
    assert (hold.state, hold.amount, hold.price, hold.placed_at) == ("open", 5 * CREDIT, price, NOW)
    assert_books_agree(account)


@pytest.mark.django_db
def test_the_quote_is_what_is_held(price: Price) -> None:
    account = LedgerAccountFactory.create(credits=100)
    quoted = holds.quote(price, input_tokens=1_234, wanted_output=777)
    assert place(account, price, tokens=(1_234, 777)).amount == quoted


@pytest.mark.django_db
def test_the_input_is_held_at_its_dearest_class() -> None:
    price = PriceFactory.create(input=CREDIT, cached_input=3 * CREDIT, cache_write=2 * CREDIT, output=0)
    assert place(LedgerAccountFactory.create(credits=1), price, tokens=(1_000, 1)).amount == 3_000


@pytest.mark.django_db
def test_the_answer_is_clamped_to_what_the_account_pays(price: Price) -> None:
    account = LedgerAccountFactory.create(credits=3)
    assert place(account, price, tokens=(1_000, 9_999), least=500) == PlacedHold(3 * CREDIT, 500)
    assert_books_agree(account)


@pytest.mark.django_db
def test_less_than_the_shortest_useful_answer_is_refused_and_nothing_written(price: Price) -> None:
    account = LedgerAccountFactory.create(credits=3)
    with pytest.raises(InsufficientCredit) as refusal, transaction.atomic():
        place(account, price, tokens=(1_000, 9_999), least=501)
    assert (refusal.value.code, refusal.value.status) == ("insufficient_credit", 402)
    assert (refusal.value.needed, refusal.value.available) == (3_004_000, 3 * CREDIT)
    assert "3.004000 credits and 3.000000" in str(refusal.value.message)  # 3.00 and 3.00 would be nonsense
    assert not Hold.objects.exists()
    assert_books_agree(account)


@pytest.mark.django_db
def test_a_refusal_says_what_is_needed_and_what_is_there(price: Price) -> None:
    with pytest.raises(InsufficientCredit) as refusal:
        place(LedgerAccountFactory.create(credits=0.5), price)
    assert "at least 1.00 credits and 0.50 are there" in str(refusal.value.message)


@pytest.mark.django_db
def test_a_prompt_that_costs_more_than_the_balance_is_refused_even_for_no_answer(price: Price) -> None:
    with pytest.raises(InsufficientCredit):
        place(LedgerAccountFactory.create(credits=0.5), price, tokens=(1_000, 1_000), least=0)


@pytest.mark.django_db
def test_wanting_less_than_the_shortest_answer_is_no_lack_of_credit(price: Price) -> None:
    account = LedgerAccountFactory.create(credits=100)
    assert place(account, price, tokens=(1_000, 10), least=256).max_output == 10


@pytest.mark.django_db
def test_a_free_model_runs_on_an_empty_account() -> None:
    free = PriceFactory.create(input=0, cached_input=0, cache_write=0, output=0)
    account = LedgerAccountFactory.create()
    assert place(account, free, tokens=(10**6, 10**6)) == PlacedHold(0, 10**6)
    assert_books_agree(account)


@pytest.mark.django_db
def test_a_run_has_one_hold(price: Price) -> None:
    account, run = LedgerAccountFactory.create(credits=100), uuid4()
    place(account, price, run=run)
    with pytest.raises(IntegrityError), transaction.atomic():
        place(account, price, run=run)
    assert_books_agree(account)


@pytest.mark.django_db
def test_a_hold_goes_with_the_transaction_that_placed_it(price: Price) -> None:
    account = LedgerAccountFactory.create(credits=100)
    with transaction.atomic():
        place(account, price)
        transaction.set_rollback(True)
    assert not Hold.objects.exists()
    assert_books_agree(account)


@pytest.mark.django_db
def test_placing_inside_a_transaction_takes_two_statements(
    price: Price, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    account = LedgerAccountFactory.create(credits=100)
    with transaction.atomic(), django_assert_num_queries(2):
        place(account, price)


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_sends_with_credit_for_three_hold_exactly_three(price: Price) -> None:
    account = LedgerAccountFactory.create(credits=15.5)
    outcomes = at_once(20, lambda _number: place(account, price, least=1_000))
    refused = [outcome for outcome in outcomes if isinstance(outcome, InsufficientCredit)]
    placed = [outcome for outcome in outcomes if isinstance(outcome, PlacedHold)]
    assert (len(placed), len(refused)) == (3, 17), outcomes
    assert Hold.objects.filter(account=account).count() == 3
    assert_books_agree(account)


@pytest.mark.django_db(transaction=True)
def test_parallel_sends_share_the_credit_by_clamping_the_last(price: Price) -> None:
    account = LedgerAccountFactory.create(credits=12)
    outcomes = at_once(12, lambda _number: place(account, price, least=100))
    placed = sorted(outcome.max_output for outcome in outcomes if isinstance(outcome, PlacedHold))
    assert placed == [250, 1_000, 1_000], outcomes
    assert_books_agree(account)
    assert account.available == 0


@pytest.mark.django_db(transaction=True)
def test_holds_inside_bigger_transactions_neither_deadlock_nor_overdraw(price: Price) -> None:
    account = LedgerAccountFactory.create(credits=15)

    def send(_number: int) -> PlacedHold:
        with transaction.atomic():
            hold = place(account, price, least=1_000)
            PriceFactory.create(effective_at=NOW + timedelta(days=1))  # the caller's other rows
            return hold

    outcomes = at_once(10, send)
    assert sum(isinstance(outcome, PlacedHold) for outcome in outcomes) == 3, outcomes
    assert all(isinstance(outcome, PlacedHold | InsufficientCredit) for outcome in outcomes), outcomes
    assert_books_agree(account)
