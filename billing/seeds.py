"""The vendors' list prices with which a new installation starts; from then on operators add rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from billing.models import Price
from billing.rates import USD


def _per_million(**dollars: str) -> dict[str, int]:
    return {field: int(Decimal(amount) * USD) for field, amount in dollars.items()}


# US dollars per million tokens as the vendors list them, without a margin. Writing to Anthropic's cache is priced for
# the five minutes that requests ask for; Moonshot asks no fee for it, so such tokens cost what input costs.
SEED_PRICES: Mapping[str, Mapping[str, int]] = {
    "claude-fable-5-2": _per_million(input="8", cached_input="0.20", cache_write="10", output="40"),
    "claude-opus-5-5": _per_million(input="4", cached_input="0.20", cache_write="5", output="20"),
    "claude-sonnet-5-5": _per_million(input="2", cached_input="0.10", cache_write="2.50", output="10"),
    "claude-haiku-5-5": {
        **_per_million(input="0.10", cached_input="0.01", cache_write="0.125", output="0.50"),
        "long_prompt_above": 100_000,
        **_per_million(long_input="0.50", long_cached_input="0.05", long_cache_write="0.625", long_output="2.50"),
    },
    "kimi-k3": _per_million(input="3", cached_input="0.30", cache_write="3", output="15"),
    "kimi-k2.6": _per_million(input="0.95", cached_input="0.16", cache_write="0.95", output="4"),
    "kimi-k2.7-code": _per_million(input="0.95", cached_input="0.19", cache_write="0.95", output="4"),
    "demo": _per_million(input="1", cached_input="0.10", cache_write="1.25", output="4"),
}


def seed(now: datetime) -> int:
    """Price the models that have no price at all, from `now` on; gives how many. Local ones are the operator's."""
    priced = set(Price.objects.filter(model__in=SEED_PRICES).values_list("model", flat=True))
    new = [Price(model=model, effective_at=now, **rates) for model, rates in SEED_PRICES.items() if model not in priced]
    return len(Price.objects.bulk_create(new))
