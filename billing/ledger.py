"""The only code that moves credit: guarded updates of the account row, and the entries that explain them.

Whoever changes an account touches its row first in the transaction and inserts what points to it afterwards: the other
order deadlocks on MariaDB, because an inserted child already holds a shared lock on the row that is then to be changed.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.db import connection

from billing import rows
from billing.models import Hold, LedgerAccount, LedgerEntry, retain_until

# Written out because it runs with every message: see `billing.rows`.
MOVE = (
    "UPDATE billing_ledgeraccount SET available = available + %s, held = held + %s "
    "WHERE id = %s AND available >= %s AND held >= %s"
)


def move(account_id: int, *, available: int = 0, held: int = 0) -> bool:
    """Add to both sides of an account (negative: take), unless one would fall below 0; gives whether it was done."""
    with connection.cursor() as cursor:
        cursor.execute(MOVE, (available, held, account_id, -available, -held))
        return bool(cursor.rowcount == 1)


def lock(account_id: int) -> int:
    """Keep other writers off the account until the transaction ends, and read what is free to spend.

    On SQLite the transaction itself does that: settings make every one of them IMMEDIATE.
    """
    return LedgerAccount.objects.select_for_update().values_list("available", flat=True).get(pk=account_id)


def enter(
    account_id: int,
    kind: LedgerEntry.Kind,
    amount: int,
    now: datetime,
    *,
    hold: Hold | None = None,
    note: str = "",
    key: UUID | None = None,
) -> None:
    """Write the entry of a change made by `move` in the same transaction; a run's names its hold; `key` is its uuid."""
    entry = LedgerEntry(
        uuid=key or uuid4(),
        account_id=account_id,
        kind=kind,
        amount=amount,
        run=hold.run if hold else None,
        note=note,
        price=hold.price if hold else None,
        created_at=now,
        retain_until=retain_until(now),
    )
    rows.insert(entry)
