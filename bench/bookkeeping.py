"""Times holding and settling credit, in one process and from many threads on one account."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from django.db import OperationalError, connections, transaction
from django.utils import timezone

from accounts.models import User
from bench.talks import MODEL
from billing import holds, metering, prices
from billing.accounts import account_of
from billing.metering import Metered
from billing.models import LedgerAccount, Price
from billing.tokens import Tokens

USED = Metered(
    tokens=Tokens(input=1_000, output=300),
    model=MODEL,
    provider="anthropic",
    first_token_ms=300,
    total_ms=9_000,
    usage_source="provider",
    rule="finished",
)


def ledger(threads: int, seconds: float) -> float:
    """Give holds settled per second, each thread with an account of its own as in the site's pool of threads."""
    users = User.objects.order_by("pk")[:threads]
    done, _refused = _all([account_of(user) for user in users], seconds)
    return done / seconds


def contended(writers: int, seconds: float) -> dict[str, float]:
    """Let all write to one account; gives pairs per second and how often the database gave up on one (deadlocks)."""
    account = account_of(User.objects.order_by("pk")[0])
    done, refused = _all([account] * writers, seconds)
    return {"rate": done / seconds, "deadlocks": refused}


def _all(accounts: list[LedgerAccount], seconds: float) -> tuple[int, int]:
    price = prices.current(MODEL, timezone.now())
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(len(accounts)) as pool:
        counts = list(pool.map(lambda account: _until(until, account, price), accounts))
    return sum(done for done, _ in counts), sum(refused for _, refused in counts)


def _until(until: float, account: LedgerAccount, price: Price) -> tuple[int, int]:
    done = refused = 0
    try:
        while time.monotonic() < until:
            try:
                _pair(account, price)
                done += 1
            except OperationalError:
                refused += 1
    finally:
        connections.close_all()
    return done, refused


def _pair(account: LedgerAccount, price: Price) -> None:
    """Hold in one transaction, settle in another, as a run does."""
    run, now = uuid4(), timezone.now()
    with transaction.atomic():
        holds.place(account.pk, run, price, input_tokens=1_000, wanted_output=1_000, least_output=256, now=now)
    with transaction.atomic():
        metering.settle(run, USED, now)
