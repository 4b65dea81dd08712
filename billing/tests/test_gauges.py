"""What the metrics show of the books."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from billing import gauges, metering
from billing.models import Hold, Price
from billing.tests.factories import NOW, LedgerAccountFactory, metered, place
from billing.tokens import Tokens
from caicaini import metrics

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


def shown(now: Any = LATER) -> dict[str, float]:
    return {sample.name: sample.value for metric in gauges.open_holds(now) for sample in metric.samples}


def test_open_holds_are_counted_and_the_oldest_has_an_age(price: Price) -> None:
    account = LedgerAccountFactory.create(credits=100)
    assert shown() == {"caicaini_holds_open": 0, "caicaini_hold_oldest_seconds": 0}
    for _ in range(3):
        place(account, price)
    assert shown() == {"caicaini_holds_open": 3, "caicaini_hold_oldest_seconds": 300}
    for hold in Hold.objects.all()[:2]:
        metering.settle(hold.run, metered(Tokens(output=1)), NOW)
    assert shown(NOW + timedelta(hours=1)) == {"caicaini_holds_open": 1, "caicaini_hold_oldest_seconds": 3600}


def test_it_takes_one_query_that_reads_an_index(django_assert_num_queries: Any, price: Price) -> None:
    with django_assert_num_queries(1) as captured:
        shown()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {captured[0]['sql']}")
            assert "USING COVERING INDEX open_holds_by_age" in str(cursor.fetchall())


def test_they_are_read_at_every_scrape() -> None:
    assert {"caicaini_holds_open", "caicaini_hold_oldest_seconds"} <= {metric.name for metric in metrics.readings()}


def sample(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.mark.django_db(transaction=True)
def test_a_settlement_counts_its_tokens_and_the_houses_loss_once(price: Price) -> None:
    place(LedgerAccountFactory.create(credits=100), price, tokens=(10, 10))
    hold = Hold.objects.get()
    before = sample("caicaini_tokens_total", kind="output"), sample("caicaini_house_loss_microcredits_total")
    settlement = metering.settle(hold.run, metered(Tokens(input=10, output=1_000)), NOW)
    assert metering.settle(hold.run, metered(Tokens(input=10, output=1_000)), NOW) == settlement
    assert settlement.house_loss > 0
    assert sample("caicaini_tokens_total", kind="output") == before[0] + 1_000
    assert sample("caicaini_house_loss_microcredits_total") == before[1] + settlement.house_loss
