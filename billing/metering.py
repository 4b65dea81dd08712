"""Settling a run: its exact cost is taken from the hold, the rest goes back, and the receipt is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from django.db import transaction

from billing import holds, ledger, rows
from billing.models import Hold, LedgerEntry, UsageRecord, retain_until
from billing.tokens import Tokens
from caicaini import metrics

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """What a run used and by which rule of the failure policy it is billed; `charge=False` bills nothing."""

    tokens: Tokens
    model: str
    provider: str
    first_token_ms: int | None
    total_ms: int
    usage_source: str
    rule: str
    error_code: str = ""
    charge: bool = True


@dataclass(frozen=True, slots=True)
class Settlement:
    """Micro-credits: taken from the customer, given back, and beyond the hold (nobody's debt, the house's loss)."""

    amount: int
    released: int
    house_loss: int


def settle(run: UUID, usage: Metered, now: datetime) -> Settlement:
    """End a run's hold with its exact cost; a second call changes nothing and gives the first result.

    Call it as the first write of your transaction: it locks the account's row until you commit. Raises
    Hold.DoesNotExist.
    """
    with transaction.atomic(savepoint=False):
        hold = holds.find(run)
        settlement = _reckon(hold, usage)
        if not _end(hold, settlement, Hold.State.SETTLED if usage.charge else Hold.State.RELEASED, now):
            return _first_result(hold)
        if settlement.amount:  # a charge of nothing changes nothing: it has a receipt and no entry
            ledger.enter(hold.account_id, LedgerEntry.Kind.CHARGE, -settlement.amount, now, hold=hold)
        _write_receipt(hold, usage, settlement, now)
    transaction.on_commit(partial(_count, usage, settlement))
    if settlement.house_loss:
        log.warning("billing.house_loss", run=str(run), model=usage.model, count=settlement.house_loss)
    return settlement


def _reckon(hold: Hold, usage: Metered) -> Settlement:
    cost = hold.price.cost(usage.tokens) if usage.charge else 0
    amount = min(cost, hold.amount)
    return Settlement(amount, hold.amount - amount, cost - amount)


def _end(hold: Hold, settlement: Settlement, state: Hold.State, now: datetime) -> bool:
    """Pay from the account, which locks its row, and close the hold; gives False when somebody else has closed it."""
    if hold.state != Hold.State.OPEN:
        return False
    if not ledger.move(hold.account_id, available=settlement.released, held=-hold.amount):
        return False
    if holds.close(hold, state, now):
        return True
    # Somebody closed it between the look and the lock: put back what was moved.
    ledger.move(hold.account_id, available=-settlement.released, held=hold.amount)
    return False


def _count(usage: Metered, settlement: Settlement) -> None:
    tokens = usage.tokens if usage.charge else Tokens()
    metrics.tokens_billed(
        input=tokens.input, cached=tokens.cached, cache_write=tokens.cache_write, output=tokens.output
    )
    metrics.house_loss(settlement.house_loss)


def _first_result(hold: Hold) -> Settlement:
    receipt = UsageRecord.objects.filter(run=hold.run).first()
    if receipt is None:
        raise RuntimeError("an account holds less than its open holds")
    return Settlement(receipt.amount, hold.amount - receipt.amount, receipt.house_loss)


def _write_receipt(hold: Hold, usage: Metered, settlement: Settlement, now: datetime) -> None:
    receipt = UsageRecord(
        run=hold.run,
        account_id=hold.account_id,
        price=hold.price,
        model=usage.model,
        provider=usage.provider,
        input_tokens=usage.tokens.input,
        cached_tokens=usage.tokens.cached,
        cache_write_tokens=usage.tokens.cache_write,
        output_tokens=usage.tokens.output,
        first_token_ms=usage.first_token_ms,
        total_ms=usage.total_ms,
        amount=settlement.amount,
        house_loss=settlement.house_loss,
        usage_source=UsageRecord.Source(usage.usage_source),
        rule=usage.rule,
        error_code=usage.error_code,
        created_at=now,
        retain_until=retain_until(now),
    )
    rows.insert(receipt)
