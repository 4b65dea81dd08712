"""Setting credit aside for the worst case of a run before it starts, and finding and closing what was set aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from billing import ledger, rows
from billing.errors import InsufficientCredit
from billing.models import LONG_FIELDS, RATE_FIELDS, Hold, Price

# In the order of the models, which `from_db` expects.
HOLD_COLUMNS = ("id", "account_id", "price_id", "amount", "state")
PRICE_COLUMNS = ("id", *RATE_FIELDS, *LONG_FIELDS)
FOUND = ", ".join([f"hold.{name}" for name in HOLD_COLUMNS] + [f"price.{name}" for name in PRICE_COLUMNS])
FIND = f"SELECT {FOUND} FROM billing_hold hold JOIN billing_price price ON price.id = price_id WHERE run = %s"  # noqa: S608
COUNT_OPEN = "SELECT COUNT(*) FROM billing_hold WHERE account_id = %s AND state = %s"
CLOSE = "UPDATE billing_hold SET state = %s, ended_at = %s WHERE id = %s AND state = %s"


@dataclass(frozen=True, slots=True)
class PlacedHold:
    """What was set aside, in micro-credits, and the longest answer in tokens that it pays for."""

    amount: int
    max_output: int


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a run would like to spend at most, and the shortest answer that is still worth having."""

    price: Price
    input_tokens: int
    wanted_output: int
    least_output: int

    def whole(self) -> PlacedHold:
        return PlacedHold(self.price.worst(self.input_tokens, self.wanted_output), self.wanted_output)

    def within(self, credit: int) -> PlacedHold:
        """Clamp the answer to what `credit` pays; raises InsufficientCredit below the shortest useful answer."""
        least = min(self.least_output, self.wanted_output)
        output = self.price.most_output(credit, self.input_tokens, self.wanted_output)
        if output < least:
            raise InsufficientCredit(self.price.worst(self.input_tokens, least), credit)
        return PlacedHold(self.price.worst(self.input_tokens, output), output)


def quote(price: Price, *, input_tokens: int, wanted_output: int) -> int:
    """Give the most that a run can cost, in micro-credits: what is shown before sending."""
    return price.worst(input_tokens, wanted_output)


def place(
    account_id: int,
    run: UUID,
    price: Price,
    *,
    input_tokens: int,
    wanted_output: int,
    least_output: int,
    now: datetime,
) -> PlacedHold:
    """Set aside the worst case of a run, its answer clamped to what the account pays; raises InsufficientCredit.

    Call it as the first write of your transaction: it changes the account's row and keeps it locked until you commit.
    When it raises, leave your transaction: nothing may be written for this run.
    """
    wish = _Wish(price, input_tokens, wanted_output, least_output)
    with transaction.atomic(savepoint=False):
        hold = wish.whole()
        if not ledger.move(account_id, available=-hold.amount, held=hold.amount):
            hold = _place_clamped(account_id, wish)
        rows.insert(Hold(run=run, account_id=account_id, price=price, amount=hold.amount, placed_at=now))
    return hold


def _place_clamped(account_id: int, wish: _Wish) -> PlacedHold:
    """The account has less than the whole wish: look how much under its lock, so that nobody takes it meanwhile."""
    hold = wish.within(ledger.lock(account_id))
    if not ledger.move(account_id, available=-hold.amount, held=hold.amount):
        raise RuntimeError("a locked account changed")
    return hold


def find(run: UUID) -> Hold:
    """Give the hold of a run, with the rates of its price; raises Hold.DoesNotExist."""
    with connection.cursor() as cursor:
        cursor.execute(FIND, (rows.value(Hold, "run", run),))
        row = cursor.fetchone()
    if row is None:
        raise Hold.DoesNotExist
    hold = Hold.from_db(connection.alias, HOLD_COLUMNS, row[: len(HOLD_COLUMNS)])
    hold.run = run
    hold.price = Price.from_db(connection.alias, PRICE_COLUMNS, row[len(HOLD_COLUMNS) :])
    return hold


def open_count(account_id: int) -> int:
    """Count the runs under way that an account pays for."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_OPEN, (account_id, Hold.State.OPEN))
        return int(cursor.fetchone()[0])


def close(hold: Hold, state: Hold.State, now: datetime) -> bool:
    """End an open hold; gives False when somebody else has. Its credit must have been moved in the same transaction."""
    with connection.cursor() as cursor:
        cursor.execute(CLOSE, (state, rows.value(Hold, "ended_at", now), hold.pk, Hold.State.OPEN))
        return bool(cursor.rowcount == 1)
