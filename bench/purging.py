"""Times the purge of one long conversation, and the longest that one of its statements keeps other writers waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from bench import furniture
from privacy import purge as purging


def purge(count: int) -> dict[str, float]:
    """Give messages a second, and the milliseconds of the slowest statement that deletes."""
    row, key = furniture.conversation(furniture.owner(2))
    furniture.messages(row, key, count)
    slowest = 0.0

    def timed(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        nonlocal slowest
        began = time.perf_counter()
        result = execute(sql, *rest)
        if sql.startswith("DELETE"):
            slowest = max(slowest, time.perf_counter() - began)
        return result

    began = time.perf_counter()
    with connection.execute_wrapper(timed):
        purging.purge(row)
    return {"rate": count / (time.perf_counter() - began), "worst_ms": slowest * 1_000}
