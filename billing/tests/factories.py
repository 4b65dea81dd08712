"""Rows for billing's tests: a price that is easy to reckon with, and accounts whose books agree."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import factory
from factory.django import DjangoModelFactory

from billing import holds
from billing.accounts import grant
from billing.holds import PlacedHold
from billing.metering import Metered
from billing.models import LedgerAccount, Price
from billing.rates import CREDIT
from billing.tokens import Tokens

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class PriceFactory(DjangoModelFactory):
    """One credit per thousand tokens of input, four per thousand of output."""

    class Meta:
        model = Price

    model = factory.Sequence(lambda number: f"model-{number}")
    effective_at = NOW
    input = 1_000 * CREDIT
    cached_input = 100 * CREDIT
    cache_write = 1_000 * CREDIT
    output = 4_000 * CREDIT


class LedgerAccountFactory(DjangoModelFactory):
    """An account with `credits` in it."""

    class Meta:
        model = LedgerAccount
        skip_postgeneration_save = True

    opened_at = NOW

    @factory.post_generation
    def credits(account: Any, create: bool, extracted: float | None, **_extra: Any) -> None:  # noqa: N805  (factory-boy gives the row)
        if extracted:
            grant(account, int(extracted * CREDIT), "goodwill", NOW)
            account.refresh_from_db()


def place(
    account: LedgerAccount,
    price: Price,
    *,
    tokens: tuple[int, int] = (1_000, 1_000),
    least: int = 1,
    run: UUID | None = None,
) -> PlacedHold:
    """Place a hold for (input, output) tokens."""
    return holds.place(
        account.pk,
        run or uuid4(),
        price,
        input_tokens=tokens[0],
        wanted_output=tokens[1],
        least_output=least,
        now=NOW,
    )


def metered(tokens: Tokens, **changes: Any) -> Metered:
    """Give the metering of an ordinary run."""
    usual: dict[str, Any] = {
        "model": "model-0",
        "provider": "demo",
        "first_token_ms": 120,
        "total_ms": 900,
        "usage_source": "provider",
        "rule": "finished",
    }
    return Metered(tokens=tokens, **usual | changes)


def assert_books_agree(account: LedgerAccount) -> None:
    """Check an account against the rows behind it, from the rows themselves."""
    account.refresh_from_db()
    entered = sum(account.entries.values_list("amount", flat=True))
    still_held = sum(account.holds.filter(state="open").values_list("amount", flat=True))
    assert account.available >= 0
    assert account.held == still_held
    assert account.available + account.held == entered
