"""Whose credit: opening a person's ledger account, reading its balance, giving credit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from billing import ledger
from billing.errors import InsufficientCredit
from billing.models import AccountLink, LedgerAccount, LedgerEntry
from billing.rates import CREDIT
from caicaini import audit
from caicaini.prepared import Prepared

OF_USER = Prepared(LedgerAccount, lambda rows, user: rows.filter(link__user_id=user), user="id")
BALANCE = (
    "SELECT available, held FROM billing_ledgeraccount account JOIN billing_accountlink link "
    "ON link.account_id = account.id WHERE link.user_id = %s"
)


@dataclass(frozen=True, slots=True)
class Balance:
    """Micro-credits: free to spend, and set aside for runs that are under way."""

    available: int
    held: int


def account_of(user: User) -> LedgerAccount:
    """Give the person's account; the first call opens it with the sign-up grant. One query when it exists.

    Call it before your transaction writes anything that points to the user: opening locks the user's row.
    """
    return _find(user) or _open(user, timezone.now())


def balance(user: User) -> Balance:
    """Read what the person has; one query when the account exists."""
    with connection.cursor() as cursor:  # it is read after every notice: see billing.rows for why this is plain SQL
        cursor.execute(BALANCE, (user.pk,))
        found = cursor.fetchone()
    if found:
        return Balance(*found)
    account = account_of(user)
    return Balance(account.available, account.held)


def grant(account: LedgerAccount, micro: int, note_code: str, now: datetime, *, key: UUID | None = None) -> bool:
    """Give credit, or below zero take it back as an adjustment; gives whether it was done.

    The same `key` a second time does nothing. Raises InsufficientCredit when more is taken than is free, and ValueError
    for 0 or an unknown code.
    """
    note = LedgerEntry.Note(note_code)
    if micro == 0:
        raise ValueError("a grant of nothing")
    with transaction.atomic():
        free = ledger.lock(account.pk)
        if key and LedgerEntry.objects.filter(uuid=key).exists():
            return False
        if not ledger.move(account.pk, available=micro):
            raise InsufficientCredit(-micro, free)
        kind = LedgerEntry.Kind.GRANT if micro > 0 else LedgerEntry.Kind.ADJUSTMENT
        ledger.enter(account.pk, kind, micro, now, note=note, key=key)
    return True


def grant_by_staff(
    accounts: Iterable[LedgerAccount], micro: int, note_code: str, now: datetime, *, key: UUID, actor: UUID
) -> int:
    """Give or take back credit as an operator: all accounts or none, each with its audit event; same rules as `grant`.

    Gives how many accounts changed: a form sent twice brings the same `key` and changes none.
    """
    with transaction.atomic():
        ordered = sorted(accounts, key=lambda account: account.pk)  # everybody locks in this order: no deadlock
        return sum(_grant_audited(account, micro, note_code, now, key, actor) for account in ordered)


def _grant_audited(account: LedgerAccount, micro: int, note_code: str, now: datetime, key: UUID, actor: UUID) -> bool:
    is_done = grant(account, micro, note_code, now, key=uuid5(key, str(account.uuid)))
    if is_done:
        audit.record(
            "billing.granted",
            now=now,
            actor=actor,
            subject_type="billing.LedgerAccount",
            subject=str(account.uuid),
            amount=micro,
            note=note_code,
        )
    return is_done


def _find(user: User) -> LedgerAccount | None:
    return OF_USER.first(user=user.pk)


def _open(user: User, now: datetime) -> LedgerAccount:
    with transaction.atomic():
        User.objects.select_for_update().only("pk").get(pk=user.pk)  # one opener at a time
        return _find(user) or _create(user, settings.SIGNUP_GRANT_CREDITS * CREDIT, now)


def _create(user: User, welcome: int, now: datetime) -> LedgerAccount:
    account = LedgerAccount.objects.create(available=welcome, opened_at=now)
    AccountLink.objects.create(user=user, account=account)
    if welcome:
        ledger.enter(account.pk, LedgerEntry.Kind.GRANT, welcome, now, note=LedgerEntry.Note.SIGN_UP)
    return account
