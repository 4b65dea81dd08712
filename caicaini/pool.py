"""Database work from async code: one thread hop per transaction, on a bounded pool whose threads keep connections.

Django's own `sync_to_async` puts all sockets' queries on one thread (measured: six sockets waited 2.5 s).
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 4
_executor = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="database")


async def run(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a blocking function on the pool and give its result; when cancelled, the call still runs to its end."""
    return await asyncio.get_running_loop().run_in_executor(_executor, partial(_guarded, function, *args, **kwargs))


def _guarded(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    for connection in connections.all(initialized_only=True):
        if connection.connection is not None and _was_ended(connection):
            connection.close()
    try:
        return function(*args, **kwargs)
    except (OperationalError, InterfaceError):
        connections.close_all()  # a connection that broke in use is not used again
        raise


def _was_ended(connection: BaseDatabaseWrapper) -> bool:
    """Whether the server ended an idle connection: then there is something to read, and between questions there is not.

    Asking the server (`is_usable`) costs a round trip for each call: a tenth of all the work under load.
    """
    if connection.vendor == "sqlite":
        return False
    poll = select.poll()
    poll.register(connection.connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))


def close_connections() -> None:
    """Close every pool thread's connections (tests do, before their databases are dropped)."""
    barrier = Barrier(THREADS)  # holds each thread until all have one: none may take two of the closings
    for future in [_executor.submit(_close_with, barrier) for _ in range(THREADS)]:
        future.result()


def _close_with(barrier: Barrier) -> None:
    barrier.wait()
    connections.close_all()
