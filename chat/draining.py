"""Ending a web process without losing a reply: no new runs, the running ones get a while, the rest keeps its text."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from chat import presence, runs
from chat.errors import restarting
from chat.providers import registry
from chat.replay import hub

log = structlog.get_logger(__name__)
LOOK_EVERY = 0.1  # seconds
TELL_WITHIN = 1.0  # seconds for the last frames of what ended
SETTLE_WITHIN = 10.0  # seconds for storing the ends of what was interrupted

_is_draining = False


def is_draining() -> bool:
    """Whether this process takes no new runs."""
    return _is_draining


def refuse_if_draining() -> None:
    """Raise Restarting while this process ends."""
    if _is_draining:
        raise restarting()


async def drain(grace: float) -> None:
    """Let what runs end within `grace` seconds, interrupt the rest, send every socket elsewhere, close connections."""
    global _is_draining  # noqa: PLW0603  (there is one process, and it ends once)
    _is_draining = True
    log.info("draining.begun", count=len(runs.running()))
    await _wait_until(_is_quiet, grace)
    left = runs.running()
    for live in left:
        live.interrupt()
    await _settle()
    await _wait_until(_has_told, TELL_WITHIN)
    for socket in presence.everybody():
        await socket.send_elsewhere()
    await hub.close()
    await registry.close_all()
    log.info("draining.ended", count=len(left))


async def _is_quiet() -> bool:
    """Send the sockets that follow nothing elsewhere; gives whether nothing runs any more."""
    for socket in presence.everybody():
        if not socket.is_following:
            await socket.send_elsewhere()
    return not runs.running()


async def _has_told() -> bool:
    return not any(socket.is_following for socket in presence.everybody())


async def _wait_until(is_so: Callable[[], Awaitable[bool]], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not await is_so() and time.monotonic() < deadline:  # noqa: ASYNC110  (many sockets and runs, no one event)
        await asyncio.sleep(LOOK_EVERY)


async def _settle() -> None:
    try:
        async with asyncio.timeout(SETTLE_WITHIN):
            await runs.settle_all()
    except TimeoutError:  # the other processes' lookouts, or the next start, end what is left
        log.exception("draining.not_settled", count=len(runs.running()))
