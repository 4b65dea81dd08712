"""Which price of a model holds at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from billing.errors import NoPrice
from billing.models import Price
from caicaini.prepared import Prepared

CURRENT = Prepared(
    Price,
    lambda rows, model, now: rows.filter(model=model, effective_at__lte=now).order_by("-effective_at")[:1],
    model="model",
    now="effective_at",
)


def current(model: str, now: datetime) -> Price:
    """Give the price that holds now; raises NoPrice."""
    found = CURRENT.first(model=model, now=now)
    if found is None:
        raise NoPrice
    return found


def current_many(models: Iterable[str], now: datetime) -> dict[str, Price]:
    """Give the prices that hold now by model; models without one are left out. One query."""
    rows = Price.objects.filter(model__in=set(models), effective_at__lte=now).order_by("effective_at")
    return {price.model: price for price in rows}  # the last one of each model stays
