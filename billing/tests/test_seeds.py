"""The prices that a new installation starts with."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing import prices, seeds
from billing.models import Price
from billing.rates import CREDIT
from billing.tests.factories import NOW, PriceFactory
from billing.tokens import Tokens

pytestmark = pytest.mark.django_db
MILLION = 1_000_000


@pytest.mark.parametrize(
    ("model", "tokens", "dollars"),
    [
        ("claude-fable-5-2", Tokens(input=MILLION), 8),
        ("claude-opus-5-5", Tokens(cache_write=MILLION), 5),
        ("claude-sonnet-5-5", Tokens(cached=MILLION), 0.10),
        ("claude-haiku-5-5", Tokens(input=100_000), 0.01),
        ("claude-haiku-5-5", Tokens(input=100_000, cached=100_000, output=100_000), 0.05 + 0.005 + 0.25),
        ("kimi-k3", Tokens(output=MILLION), 15),
        ("kimi-k2.6", Tokens(cached=MILLION), 0.16),
        ("kimi-k2.7-code", Tokens(input=MILLION), 0.95),
        ("demo", Tokens(output=MILLION), 4),
    ],
)
def test_seed_prices_are_the_list_prices(model: str, tokens: Tokens, dollars: float) -> None:
    seeds.seed(NOW)
    assert prices.current(model, NOW).cost(tokens) == round(dollars * 100 * CREDIT)


def test_seeding_twice_adds_nothing() -> None:
    assert seeds.seed(NOW) == len(seeds.SEED_PRICES)
    assert seeds.seed(NOW + timedelta(days=1)) == 0


def test_seeding_leaves_an_operators_price_alone() -> None:
    PriceFactory.create(model="kimi-k3", input=1)
    assert seeds.seed(NOW) == len(seeds.SEED_PRICES) - 1
    assert Price.objects.get(model="kimi-k3").input == 1
