"""What billing's tests share."""

from __future__ import annotations

import pytest

from billing.models import Price
from billing.tests.factories import PriceFactory


@pytest.fixture
def price(db: None) -> Price:
    price: Price = PriceFactory.create()
    return price
