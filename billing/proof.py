"""The daily proof that every balance is exactly what its entries and open holds say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from billing.models import LedgerAccount

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Difference:
    """An account whose books do not agree, in micro-credits: its balance, and what the rows behind it sum up to."""

    account: UUID
    available: int
    held: int
    entered: int
    open_holds: int


def differences() -> list[Difference]:
    """Find the accounts that do not agree. One statement, so that runs ending meanwhile are no differences."""
    columns = ("uuid", "available", "held", "entered", "open_holds")
    return [Difference(*row) for row in LedgerAccount.objects.that_differ().order_by("pk").values_list(*columns)]


def prove(_now: datetime) -> int:
    """Report each difference as an event and give their number."""
    found = differences()
    for difference in found:
        log.error("billing.books_differ", account=str(difference.account))
    log.info("billing.books_proved", count=len(found), status="differ" if found else "agree")
    return len(found)
