"""What becomes of credit when an account closes: refunded on request, else written off by an entry of its own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing import ledger
from billing.accounts import account_of
from billing.errors import NothingToRefund
from billing.models import LedgerAccount, LedgerEntry, RefundRequest
from caicaini import audit


def ask(user: User, now: datetime) -> RefundRequest:
    """Ask for what remains, while the account is being closed; a second time gives the same request.

    Raises NothingToRefund.
    """
    account = account_of(user)
    if user.closing_at is None or user.is_closed(now):
        raise NothingToRefund
    with transaction.atomic():
        free = ledger.lock(account.pk)
        if free <= 0:
            raise NothingToRefund
        found, _is_new = RefundRequest.objects.get_or_create(
            account=account, is_open=True, defaults={"amount": free, "asked_at": now}
        )
    return found


def open_request(user: User) -> RefundRequest | None:
    """Find the request that waits for an answer."""
    return RefundRequest.objects.filter(account__link__user=user, is_open=True).first()


def withdraw(user: User, now: datetime) -> int:
    """Take the request back, because the account stays; gives how many."""
    waiting = RefundRequest.objects.filter(account__in=LedgerAccount.objects.filter(link__user=user), is_open=True)
    return waiting.update(state=RefundRequest.State.WITHDRAWN, is_open=None, answered_at=now)


def answer(request: RefundRequest, state: RefundRequest.State, now: datetime, actor: UUID) -> bool:
    """Answer as an operator; a refund takes all that is free out of the account. Gives whether it was still open."""
    with transaction.atomic():
        free = ledger.lock(request.account_id)
        waiting = RefundRequest.objects.filter(pk=request.pk, is_open=True)
        if not waiting.update(state=state, is_open=None, answered_at=now):
            return False
        taken = _take(request.account_id, free, LedgerEntry.Kind.REFUND, now) if _pays(state) else 0
        audit.record(
            "billing.refund_answered",
            now=now,
            actor=actor,
            subject_type="billing.LedgerAccount",
            subject=str(request.account.uuid),
            state=str(state),
            amount=taken,
        )
    return True


def write_off(account: LedgerAccount, now: datetime) -> int:
    """Take what remains out of a closed account; gives how much. Safe to repeat.

    Privacy's closing job calls it. It does nothing while a refund waits for its answer: the job comes back later.
    """
    with transaction.atomic():
        free = ledger.lock(account.pk)
        if RefundRequest.objects.filter(account=account, is_open=True).exists():
            return 0
        return _take(account.pk, free, LedgerEntry.Kind.WRITE_OFF, now)


def _pays(state: RefundRequest.State) -> bool:
    return state == RefundRequest.State.REFUNDED


def _take(account_id: int, amount: int, kind: LedgerEntry.Kind, now: datetime) -> int:
    if amount <= 0 or not ledger.move(account_id, available=-amount):
        return 0
    ledger.enter(account_id, kind, -amount, now)
    return amount
