"""Whether this process may be given work: what /readyz says, and the mark of a process that is about to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import redis.asyncio
from django.conf import settings
from django.db import Error as DatabaseError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from caicaini import pool
from caicaini.models import JobSlot, WrappedKey

PATIENCE = 2.0  # seconds for each check; they run side by side
LATE_AFTER = timedelta(minutes=3)  # the shortest scheduled job runs every minute
Check = Callable[[], Coroutine[Any, Any, str]]
OK, FAILED, TIMEOUT = "ok", "failed", "timeout"

_draining = Event()


def set_draining(value: bool) -> None:
    """Mark this process as one that takes no new work, or take the mark off."""
    if value:
        _draining.set()
    else:
        _draining.clear()


def is_draining() -> bool:
    return _draining.is_set()


@require_safe
async def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when this process may be given work, else 503, and say in either case what was found."""
    found = await checks()
    is_ready = not is_draining() and all(found.get(name, OK) == OK for name in ("database", "vault", "redis"))
    body = {"ready": is_ready, "checks": {**found, "draining": is_draining()}}
    return JsonResponse(body, status=200 if is_ready else 503)


async def checks() -> dict[str, str]:
    """Ask everything that this process needs, and look for the worker; nothing takes longer than `PATIENCE`."""
    asked = {name: check for name, check in CHECKS.items() if name != "redis" or settings.REDIS_URL}
    answers = await asyncio.gather(*(_ask(name, check) for name, check in asked.items()))
    return dict(zip(asked, answers, strict=True))


_pending: dict[str, asyncio.Future[str]] = {}


async def _ask(name: str, check: Check) -> str:
    # A question that hangs is waited for again, not put again: else a dead server would take all the pool's threads.
    future = _pending.get(name)
    if future is None or future.done():
        future = _pending[name] = asyncio.ensure_future(check())
    await asyncio.wait({future}, timeout=PATIENCE)
    return future.result() if future.done() else TIMEOUT


async def _database() -> str:
    return await _answers(JobSlot.objects.all())


async def _vault() -> str:
    return await _answers(WrappedKey.objects.all())


async def _answers(rows: QuerySet[Any]) -> str:
    # A table is read, not just `SELECT 1`: that works on a database that was never migrated, and SQLite opens no file.
    try:
        await pool.run(rows.exists)
    except DatabaseError:
        return FAILED
    return OK


async def _redis() -> str:
    client = redis.asyncio.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
    try:
        await client.ping()
    except (redis.RedisError, OSError):
        return FAILED
    finally:
        await client.aclose()
    return OK


async def _worker() -> str:
    newest = JobSlot.objects.order_by("-slot").values_list("claimed_at", flat=True)
    try:
        return heartbeat(await pool.run(newest.first), timezone.now())
    except DatabaseError:
        return "unknown"


def heartbeat(claimed_at: datetime | None, now: datetime) -> str:
    """Judge the worker by when it last claimed a job."""
    if claimed_at is None:
        return "never"
    return OK if now - claimed_at <= LATE_AFTER else "late"


CHECKS: dict[str, Check] = {"database": _database, "vault": _vault, "redis": _redis, "worker": _worker}
