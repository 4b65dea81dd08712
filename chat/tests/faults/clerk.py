"""The clerk of these tests: what the browser's clerk can, and to look for what is stuck."""

from __future__ import annotations

from billing.models import Hold
from chat.models import Run
from chat.tests.browser import clerk


def open_ends() -> dict[str, int]:
    """Count the runs that have not ended and the holds that are not settled."""
    return {
        "runs": Run.objects.exclude(state=Run.State.ENDED).count(),
        "holds": Hold.objects.filter(state=Hold.State.OPEN).count(),
    }


def serve() -> None:
    clerk.serve({**clerk.COMMANDS, "open_ends": open_ends})
