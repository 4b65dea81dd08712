"""Which price of a model holds at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from billing.errors import NoPrice
from billing.models import Price


def current(model: str, now: datetime) -> Price:
    """Give the price that holds now; raises NoPrice."""
    found = current_many([model], now).get(model)
    if found is None:
        raise NoPrice
    return found


def current_many(models: Iterable[str], now: datetime) -> dict[str, Price]:
    """Give the prices that hold now by model; models without one are left out. One query."""
    rows = Price.objects.filter(model__in=set(models), effective_at__lte=now).order_by("effective_at")
    return {price.model: price for price in rows}  # the last one of each model stays
