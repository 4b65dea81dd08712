"""Works in the site's own databases for the benchmark: makes people, and times what needs no socket (G8 to G10).

`manage.py shell` starts it with the site's environment; commands come as lines of JSON, and so do answers.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from accounts import testing
from accounts.models import User
from bench import bookkeeping, browsing, purging
from bench.talks import MODEL
from billing import proof
from billing.accounts import account_of, grant
from billing.models import Hold, Price
from billing.rates import CREDIT
from chat.models import Run

FORTUNE = 1_000_000  # credits


def people(count: int) -> list[str]:
    """Make so many people with credit, signed in; gives their cookies. Without passwords: hashing takes its time.

    The model gets a price too: for a free one nothing would be moved.
    """
    rates = {"input": CREDIT, "cached_input": CREDIT // 10, "cache_write": CREDIT, "output": 5 * CREDIT}
    Price.objects.create(model=MODEL, effective_at=timezone.now(), **rates)
    return [_person(f"bench{number}") for number in range(count)]


def _person(name: str) -> str:
    user = User.objects.create_user(name, f"{name}@example.test")
    grant(account_of(user), FORTUNE * CREDIT, "demo", timezone.now())
    return "; ".join(f"{name}={value}" for name, value in testing.sign_in(user).items())


def left() -> dict[str, int]:
    """Count what nothing should be left of once all replies have ended."""
    return {
        "runs": Run.objects.filter(state=Run.State.RUNNING).count(),
        "holds": Hold.objects.filter(state=Hold.State.OPEN).count(),
        "differences": len(list(proof.differences())),
    }


COMMANDS: dict[str, Callable[..., Any]] = {
    "people": people,
    "left": left,
    "ledger": bookkeeping.ledger,
    "contended": bookkeeping.contended,
    "page": browsing.page,
    "history": browsing.long_history,
    "purge": purging.purge,
}


def serve() -> None:
    """Answer until there is no more to read."""
    _say({"ready": True})
    for line in sys.stdin:
        name, fields = json.loads(line)
        try:
            _say({"done": COMMANDS[name](**fields)})
        except Exception:  # noqa: BLE001  # the other process shows it
            _say({"failed": traceback.format_exc()})


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(f"{json.dumps(answer)}\n")
    sys.stdout.flush()
