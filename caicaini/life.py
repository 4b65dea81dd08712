"""The start and the end of a web process, the same under every server.

uvicorn and its kin say both by the lifespan protocol. daphne knows no lifespan: there the start comes from Twisted's
reactor, and the end from the signal itself, because daphne cuts every socket the moment the reactor begins to stop.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import time
from collections.abc import Awaitable, Callable
from threading import Thread, current_thread, main_thread
from typing import Any

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import timezone

from caicaini import health, metrics, pool
from chat import draining, notices, presence, rendering, runs
from chat.orphans import Lookout
from chat.providers import gates, registry

log = structlog.get_logger(__name__)
LOOK_EVERY = 3.0  # seconds
# New objects more than old ones gone, before a collection: a full one comes after half a million, if none came in a
# quiet moment. It leaves out what was there at the start and the text of replies (chat.chunks): with 150 streams it
# takes 15-80 ms, where it took 130-300.
COLLECT_AFTER = (5_000, 10, 10)
COLLECT_EVERY = 2.0  # seconds between looks for a quiet moment
WORTH_IT = 2  # collections of the middle generation since the last full one
# A socket that closed leaves some 10 KiB that refer to each other, in daphne and below it: after so many, no waiting.
MANY_CLOSED = 300

_tasks: set[asyncio.Task[None]] = set()
_ending: asyncio.Task[None] | None = None


async def start() -> None:
    """Begin what goes on beside the requests."""
    runs.connect()
    metrics.runs_running.set_function(lambda: len(runs.running()))
    metrics.runs_queued.set_function(gates.waiting)
    _tasks.update({asyncio.create_task(_look_out()), asyncio.create_task(_collect()), metrics.start_loop_lag()})


async def stop() -> None:
    """Drain and end; a second call waits for the first."""
    global _ending  # noqa: PLW0603  (there is one process, and it ends once)
    _ending = _ending or asyncio.create_task(_stop())
    await asyncio.shield(_ending)


async def _stop() -> None:
    health.set_draining(True)
    await draining.drain(settings.RUN_GRACE_SECONDS)
    for task in _tasks:
        task.cancel()
    await asyncio.gather(*_tasks, return_exceptions=True)


async def _look_out() -> None:
    """End the runs of processes that died; every process does this, and one wins."""
    lookout = Lookout()
    while True:
        try:
            for run in await pool.run(lookout.look, timezone.now(), time.monotonic()):
                metrics.run_ended(run.end, run.rule, run.provider)
                await notices.changed(run.user.uuid, "run", run.conversation.uuid, run.uuid)
        except DatabaseError as error:
            lookout.forget()
            log.warning("life.not_looked", exc_info=error)
        except Exception:
            lookout.forget()
            log.exception("life.lookout_broken")
        await asyncio.sleep(LOOK_EVERY)


async def _collect() -> None:
    """Collect the garbage while nobody reads a reply, so that it seldom has to be done while somebody does."""
    closed = presence.closed
    while True:
        await asyncio.sleep(COLLECT_EVERY)
        is_quiet = not runs.running() and gc.get_count()[2] >= WORTH_IT
        if is_quiet or presence.closed - closed >= MANY_CLOSED:
            closed = presence.closed
            gc.collect()


def warm_up() -> None:
    """Load what takes time beside the start, so that the first person does not wait for it: SDKs, lexers."""
    Thread(target=_warm_up, name="warm-up", daemon=True).start()


def _warm_up() -> None:
    registry.warm_up()
    rendering.warm_up()
    gc.collect()
    gc.freeze()  # what is here now stays: no collection need look at it again
    gc.set_threshold(*COLLECT_AFTER)


Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def lifespan(_scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Speak the lifespan protocol."""
    await receive()
    await start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await stop()
    await send({"type": "lifespan.shutdown.complete"})


def follow_reactor(reactor: Any) -> None:
    """Start and end with Twisted's reactor, should it be what runs."""
    reactor.callWhenRunning(lambda: _begin_with(reactor))


def _begin_with(reactor: Any) -> None:
    _tasks.add(asyncio.ensure_future(start()))
    if current_thread() is main_thread():  # `runserver` has its reactor in another one, which hears no signal
        for number in (signal.SIGTERM, signal.SIGINT):
            _drain_on(number, reactor)


def _drain_on(number: signal.Signals, reactor: Any) -> None:
    at_once = signal.getsignal(number)

    def on_signal(*_args: object) -> None:
        signal.signal(number, at_once)  # a second one does not wait
        reactor.callFromThread(_end_with, reactor)

    signal.signal(number, on_signal)


def _end_with(reactor: Any) -> None:
    ending = asyncio.ensure_future(stop())
    ending.add_done_callback(lambda _done: reactor.stop())
