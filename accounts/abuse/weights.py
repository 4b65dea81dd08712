"""What each signal weighs and how fast it fades: the one table of `docs/abuse.md`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from accounts.models import Reason, SignalKind

CASE_AT = 60  # points: from here an operator is asked
KEEP_SIGNALS_FOR = timedelta(days=90)
MOST_A_DAY = 20  # signals of one kind and person that are kept: more say nothing new
MEASURE_FOR = timedelta(days=3)  # how long a measure without an operator lasts


@dataclass(frozen=True, slots=True)
class Weight:
    """Points of one signal when it is new, after how long half of them are left, and what it suspects."""

    points: int
    half_life: timedelta
    suspects: Reason


WEIGHTS: dict[SignalKind, Weight] = {
    SignalKind.PAYMENT_FRAUD: Weight(50, timedelta(days=30), Reason.PAYMENT_FRAUD),
    SignalKind.SCRIPTED_USE: Weight(25, timedelta(days=7), Reason.AUTOMATED_USE),
    SignalKind.DUPLICATE_ACCOUNT: Weight(15, timedelta(days=30), Reason.MANY_ACCOUNTS),
    SignalKind.DISPOSABLE_MAIL: Weight(10, timedelta(days=30), Reason.MANY_ACCOUNTS),
    SignalKind.PROMPT_INJECTION: Weight(8, timedelta(days=3), Reason.PROMPT_ATTACKS),
    # It is done to a person and not by one: kept for whoever judges other signals, and worth nothing.
    SignalKind.SESSION_THEFT: Weight(0, timedelta(days=7), Reason.TERMS),
}
