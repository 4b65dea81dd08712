"""The pool: a few threads that keep their connections, and get over it when the server ends one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection, connections, transaction

from accounts.models import User
from caicaini import pool

pytestmark = pytest.mark.django_db(transaction=True)
SOME = 40


@pytest.fixture(autouse=True)
def fresh_threads(transactional_db: None) -> Iterator[None]:
    pool.close_connections()
    yield
    pool.close_connections()


def count_users() -> int:
    return User.objects.count()


def whereabouts() -> tuple[str, int]:
    """Give the thread and its connection after a query."""
    count_users()
    return threading.current_thread().name, id(connection.connection)


async def occupy(calls: int = SOME) -> list[tuple[str, int]]:
    return await asyncio.gather(*(pool.run(whereabouts) for _ in range(calls)))


async def test_work_runs_on_the_pools_threads_and_never_on_the_event_loop() -> None:
    names = {name for name, _connection in await occupy()}
    assert threading.current_thread().name not in names
    assert all(name.startswith("database") for name in names)
    assert len(names) <= pool.THREADS


async def test_each_thread_keeps_its_one_connection() -> None:
    pairs = set(await occupy()) | set(await occupy())
    assert len(pairs) == len({name for name, _connection in pairs}) == len({held for _name, held in pairs})


async def test_slow_work_holds_up_nobody_but_its_own_thread() -> None:
    gate = threading.Event()
    slow = asyncio.create_task(pool.run(gate.wait, 30))
    assert len(await asyncio.wait_for(occupy(), 30)) == SOME
    gate.set()
    assert await slow


async def test_arguments_results_and_exceptions_pass_through() -> None:
    def tell(first: int, *, second: str) -> str:
        if first < 0:
            raise LookupError("as it was")
        return second * first

    assert await pool.run(tell, 2, second="ab") == "abab"
    with pytest.raises(LookupError, match="as it was"):
        await pool.run(tell, -1, second="")


async def test_a_cancelled_call_still_commits() -> None:
    started, go_on, done = threading.Event(), threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            started.set()
            go_on.wait(30)
            User.objects.create_user("late", "late@example.test")
        done.set()

    task = asyncio.create_task(pool.run(write))
    assert await pool.run(started.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    assert await pool.run(done.wait, 30)
    assert await pool.run(count_users) == 1


async def test_a_connection_that_breaks_in_use_is_replaced() -> None:
    def fail() -> None:
        count_users()
        raise OperationalError

    await occupy()
    with pytest.raises(OperationalError):
        await pool.run(fail)
    assert {await pool.run(count_users) for _ in range(SOME)} == {0}


def connection_numbers() -> dict[str, int]:
    """Give the server's own numbers of this thread's connections."""
    numbers = {}
    for alias in ("default", "vault"):
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT CONNECTION_ID()")
            numbers[alias] = int(cursor.fetchone()[0])
    return numbers


@pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has no server that could end a connection")
async def test_connections_that_the_server_ended_are_noticed_before_they_are_used() -> None:
    numbers = await asyncio.gather(*(pool.run(connection_numbers) for _ in range(SOME)))

    def end_them() -> None:
        for alias in ("default", "vault"):
            with connections[alias].cursor() as cursor:
                for number in {found[alias] for found in numbers}:
                    cursor.execute(f"KILL {number}")
        connections.close_all()

    await asyncio.to_thread(end_them)
    after = await asyncio.gather(*(pool.run(connection_numbers) for _ in range(SOME)))
    assert {found["default"] for found in after}.isdisjoint({found["default"] for found in numbers})
    assert {found["vault"] for found in after}.isdisjoint({found["vault"] for found in numbers})
