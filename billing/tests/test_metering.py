"""Settling: exact, never beyond the hold, once; and the books over any order of events."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from billing import prices
from billing.accounts import grant
from billing.errors import InsufficientCredit
from billing.metering import Settlement, settle
from billing.models import Hold, LedgerEntry, Price, UsageRecord
from billing.rates import CREDIT
from billing.tests.factories import NOW, LedgerAccountFactory, PriceFactory, assert_books_agree, metered, place
from billing.tests.threads import at_once
from billing.tokens import Tokens


@pytest.mark.django_db
def test_the_exact_cost_is_taken_and_the_rest_released(price: Price) -> None:
    account, run = LedgerAccountFactory.create(credits=100), uuid4()
    place(account, price, run=run)
    settlement = settle(run, metered(Tokens(input=500, cached=400, output=250)), NOW)
    assert settlement == Settlement(amount=1_540_000, released=3_460_000, house_loss=0)
    account.refresh_from_db()
    assert (account.available, account.held) == (100 * CREDIT - 1_540_000, 0)
    entry = account.entries.get(kind="charge")
    assert (entry.amount, entry.run, entry.price) == (-1_540_000, run, price)
    assert Hold.objects.get(run=run).state == "settled"
    assert_books_agree(account)


@pytest.mark.django_db
def test_the_receipt_says_everything_about_the_run(price: Price) -> None:
    run = uuid4()
    place(LedgerAccountFactory.create(credits=100), price, run=run)
    usage = metered(
        Tokens(1, 2, 3, 4), model="kimi-k3", provider="moonshot", rule="stopped", error_code="provider_busy"
    )
    settlement = settle(run, usage, NOW)
    receipt = UsageRecord.objects.get(run=run)
    assert (receipt.input_tokens, receipt.cached_tokens, receipt.cache_write_tokens, receipt.output_tokens) == (
        1,
        2,
        3,
        4,
    )
    assert (receipt.model, receipt.provider, receipt.rule) == ("kimi-k3", "moonshot", "stopped")
    assert (receipt.error_code, receipt.usage_source) == ("provider_busy", "provider")
    assert (receipt.first_token_ms, receipt.total_ms) == (120, 900)
    assert (receipt.amount, receipt.house_loss, receipt.price) == (settlement.amount, 0, price)
    assert (receipt.retain_until - NOW.date()).days == 2557


@pytest.mark.django_db
def test_a_cost_beyond_the_hold_is_the_houses_loss(price: Price) -> None:
    account, run = LedgerAccountFactory.create(credits=5), uuid4()
    place(account, price, run=run)
    assert settle(run, metered(Tokens(input=1_500, output=1_000)), NOW) == Settlement(5 * CREDIT, 0, CREDIT // 2)
    account.refresh_from_db()
    assert (account.available, account.held) == (0, 0)
    assert UsageRecord.objects.get(run=run).house_loss == CREDIT // 2
    assert_books_agree(account)


@pytest.mark.django_db
def test_a_run_that_is_not_charged_has_a_receipt_and_no_entry(price: Price) -> None:
    account, run = LedgerAccountFactory.create(credits=5), uuid4()
    place(account, price, run=run)
    settlement = settle(run, metered(Tokens(input=900), rule="provider_failed", charge=False), NOW)
    assert settlement == Settlement(amount=0, released=5 * CREDIT, house_loss=0)
    assert Hold.objects.get(run=run).state == "released"
    assert UsageRecord.objects.get(run=run).input_tokens == 900
    assert not LedgerEntry.objects.filter(run=run).exists()
    assert_books_agree(account)


@pytest.mark.django_db
def test_a_run_costs_the_price_it_was_held_at(price: Price) -> None:
    account, run = LedgerAccountFactory.create(credits=100), uuid4()
    place(account, prices.current(price.model, NOW), run=run)
    PriceFactory.create(model=price.model, effective_at=NOW.replace(hour=13), input=10**12)
    assert settle(run, metered(Tokens(input=1_000)), NOW.replace(hour=14)).amount == CREDIT


@pytest.mark.django_db
def test_settling_again_changes_nothing_and_gives_the_first_result(price: Price) -> None:
    account, run = LedgerAccountFactory.create(credits=5), uuid4()
    place(account, price, run=run)
    first = settle(run, metered(Tokens(input=1_500, output=1_000)), NOW)
    assert settle(run, metered(Tokens(output=1), charge=False), NOW) == first
    assert UsageRecord.objects.count() == 1
    assert_books_agree(account)


@pytest.mark.django_db
def test_a_run_without_a_hold_cannot_be_settled() -> None:
    with pytest.raises(Hold.DoesNotExist):
        settle(uuid4(), metered(Tokens()), NOW)


@pytest.mark.django_db
def test_a_settlement_goes_with_the_transaction_that_made_it(price: Price) -> None:
    account, run = LedgerAccountFactory.create(credits=5), uuid4()
    place(account, price, run=run)
    with transaction.atomic():
        settle(run, metered(Tokens(input=10)), NOW)
        transaction.set_rollback(True)
    assert Hold.objects.get(run=run).state == "open"
    assert not UsageRecord.objects.exists()
    assert_books_agree(account)


@pytest.mark.django_db
def test_settling_inside_a_transaction_takes_five_statements(
    price: Price, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run = uuid4()
    place(LedgerAccountFactory.create(credits=5), price, run=run)
    with transaction.atomic(), django_assert_num_queries(5):
        settle(run, metered(Tokens(input=10)), NOW)


@pytest.mark.django_db(transaction=True)
def test_threads_that_settle_one_run_agree_on_one_result(price: Price) -> None:
    account, run = LedgerAccountFactory.create(credits=50), uuid4()
    place(account, price, run=run)
    place(account, price)  # held by another run: it must not pay for this one
    results = at_once(8, lambda number: settle(run, metered(Tokens(output=100 + number)), NOW))
    assert len(set(results)) == 1, results
    assert LedgerEntry.objects.filter(run=run).count() == UsageRecord.objects.filter(run=run).count() == 1
    assert_books_agree(account)


@pytest.mark.django_db(transaction=True)
def test_eight_writers_on_one_account_never_deadlock(price: Price) -> None:
    account = LedgerAccountFactory.create(credits=1_000)

    def chat(_number: int) -> int:
        total = 0
        for output in range(5):
            run = uuid4()
            place(account, price, run=run)
            total += settle(run, metered(Tokens(input=100, output=output)), NOW).amount
        return total

    spent = at_once(8, chat)
    assert spent == [5 * 100_000 // 1 + sum(range(5)) * 4_000] * 8
    assert_books_agree(account)


class Books:
    """An account, its runs, and the events that may happen to it in any order."""

    def __init__(self) -> None:
        self.account = LedgerAccountFactory.create()
        self.price = PriceFactory.create()
        self.runs: list[UUID] = []
        self.results: dict[UUID, Settlement] = {}

    def grant(self, micro: int, _other: int) -> None:
        grant(self.account, micro + 1, "goodwill", NOW)

    def take_back(self, micro: int, _other: int) -> None:
        if micro + 1 <= self.account.available:
            grant(self.account, -micro - 1, "correction", NOW)
        else:
            with pytest.raises(InsufficientCredit):
                grant(self.account, -micro - 1, "correction", NOW)

    def place(self, prompt: int, output: int) -> None:
        run = uuid4()
        if self.price.worst(prompt, min(1, output)) <= self.account.available:
            assert place(self.account, self.price, tokens=(prompt, output), run=run).max_output <= output
            self.runs.append(run)
        else:
            with pytest.raises(InsufficientCredit), transaction.atomic():
                place(self.account, self.price, tokens=(prompt, output), run=run)

    def settle(self, which: int, tokens: int) -> None:
        if not self.runs:
            return
        run = self.runs[which % len(self.runs)]
        usage = metered(Tokens(input=tokens % 1_000, cached=tokens // 3, output=tokens // 7), charge=which % 5 > 0)
        result = settle(run, usage, NOW)
        assert self.results.setdefault(run, result) == result
        assert result.amount + result.released == Hold.objects.get(run=run).amount
        assert min(result.amount, result.released, result.house_loss) >= 0


events = st.tuples(
    st.sampled_from(["grant", "take_back", "place", "settle", "settle"]), st.integers(0, 20_000), st.integers(0, 20_000)
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(events, min_size=1, max_size=12), st.integers(0, 100))
def test_the_books_agree_after_any_order_of_events(history: list[tuple[str, int, int]], credit: int) -> None:
    with transaction.atomic():
        books: Any = Books()
        grant(books.account, credit * CREDIT + 1, "goodwill", NOW)
        assert_books_agree(books.account)
        for event, first, second in history:
            getattr(books, event)(first, second)
            assert_books_agree(books.account)
        transaction.set_rollback(True)
