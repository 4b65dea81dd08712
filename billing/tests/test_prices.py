"""What tokens cost: tiers, rounding, the worst case, and which price holds when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from billing import prices
from billing.errors import NoPrice
from billing.models import Price
from billing.rates import CREDIT
from billing.tests.factories import NOW, PriceFactory
from billing.tokens import Tokens

LONG = {"long_input": 50, "long_cached_input": 5, "long_cache_write": 62, "long_output": 250}
rates = st.integers(0, 5_000_000_000)
sizes = st.integers(0, 2_000_000)


@st.composite
def any_price(draw: st.DrawFn) -> Price:
    plain = {name: draw(rates) for name in ("input", "cached_input", "cache_write", "output")}
    if draw(st.booleans()):
        return Price(**plain)
    return Price(**plain, long_prompt_above=draw(sizes), **{name: draw(rates) for name in LONG})


@st.composite
def tokens_within(draw: st.DrawFn, prompt: int, output: int) -> Tokens:
    cached = draw(st.integers(0, prompt))
    written = draw(st.integers(0, prompt - cached))
    fresh = draw(st.integers(0, prompt - cached - written))
    return Tokens(fresh, cached, written, draw(st.integers(0, output)))


def test_each_class_has_its_own_rate() -> None:
    price = Price(input=1_000_000, cached_input=10_000_000, cache_write=100_000_000, output=1_000_000_000)
    assert price.cost(Tokens(input=1, cached=2, cache_write=3, output=4)) == 1 + 20 + 300 + 4_000


def test_a_cost_is_rounded_down_once_over_all_classes() -> None:
    price = Price(input=400_000, cached_input=400_000, cache_write=400_000, output=400_000)
    assert price.cost(Tokens(1, 1, 1, 0)) == 1  # 1.2, where three roundings would give 0
    assert price.cost(Tokens(1, 1, 0, 0)) == 0


def test_a_long_prompt_costs_the_long_rates_for_the_whole_request() -> None:
    price = Price(
        input=10 * CREDIT,
        cached_input=CREDIT,
        cache_write=12 * CREDIT,
        output=50 * CREDIT,
        long_prompt_above=100_000,
        **{name: rate * CREDIT for name, rate in LONG.items()},
    )
    assert price.cost(Tokens(input=60_000, cached=40_000, output=10)) == 60_000 * 10 + 40_000 + 500
    assert price.cost(Tokens(input=60_001, cached=40_000, output=10)) == 60_001 * 50 + 40_000 * 5 + 2_500


@given(st.data(), any_price(), sizes, sizes)
def test_no_run_within_the_sizes_costs_more_than_the_worst_case(
    data: st.DataObject, price: Price, prompt: int, output: int
) -> None:
    tokens = data.draw(tokens_within(prompt, output))
    assert 0 <= price.cost(tokens) <= price.worst(prompt, output)


@given(any_price(), sizes, st.integers(0, 200_000), st.integers(0, 10**12))
def test_the_most_output_is_paid_for_and_one_more_is_not(price: Price, prompt: int, wanted: int, credit: int) -> None:
    most = price.most_output(credit, prompt, wanted)
    assert most <= wanted
    assert most < 0 or price.worst(prompt, most) <= credit
    assert most == wanted or price.worst(prompt, max(most, -1) + 1) > credit


def test_the_last_micro_credit_is_used_and_none_beyond() -> None:
    price = Price(input=0, cached_input=0, cache_write=0, output=1_000_000)
    assert price.most_output(credit=5, input_tokens=9, wanted=10) == 5


@pytest.mark.django_db
def test_a_price_holds_from_its_moment_until_the_next_one() -> None:
    first = PriceFactory.create(model="kimi")
    second = PriceFactory.create(model="kimi", effective_at=NOW + timedelta(days=2))
    assert prices.current("kimi", NOW) == first
    assert prices.current("kimi", second.effective_at - timedelta(microseconds=1)) == first
    assert prices.current("kimi", second.effective_at) == second


@pytest.mark.django_db
def test_a_model_without_a_price_is_refused_with_a_code() -> None:
    PriceFactory.create(model="later", effective_at=NOW + timedelta(days=1))
    for model in ("later", "unknown"):
        with pytest.raises(NoPrice) as refusal:
            prices.current(model, NOW)
        assert refusal.value.code == "model_not_priced"


@pytest.mark.django_db
def test_many_prices_take_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    PriceFactory.create(model="a", effective_at=NOW - timedelta(days=9))
    newest, other = PriceFactory.create(model="a"), PriceFactory.create(model="b")
    with django_assert_num_queries(1):
        assert prices.current_many(["a", "b", "unknown"], NOW) == {"a": newest, "b": other}


@pytest.mark.django_db
@pytest.mark.parametrize("broken", [{"long_prompt_above": 100_000}, LONG, {"output": -1}])
def test_the_database_refuses_half_a_tier_and_negative_rates(broken: dict[str, int]) -> None:
    with pytest.raises(Exception) as refusal, transaction.atomic():  # noqa: PT011  (each engine has its own class)
        PriceFactory.create(**broken)
    assert isinstance(refusal.value, IntegrityError) or "range" in str(refusal.value)


@pytest.mark.django_db
def test_a_model_has_one_price_per_moment() -> None:
    PriceFactory.create(model="kimi")
    with pytest.raises(IntegrityError), transaction.atomic():
        PriceFactory.create(model="kimi")
