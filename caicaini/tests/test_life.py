"""The collector works while nobody reads a reply, and only then."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from caicaini import life
from chat import presence, runs


class Knot:
    """Refers to itself, so that only the collector can free it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def uncollected(monkeypatch: pytest.MonkeyPatch) -> Iterator[weakref.ref[Knot]]:
    """Give what is garbage, with no collection to come by itself."""
    monkeypatch.setattr(life, "COLLECT_EVERY", 0.001)
    monkeypatch.setattr(life, "WORTH_IT", 0)
    gc.disable()
    yield weakref.ref(Knot())
    gc.enable()


async def collect_for_a_moment() -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(life._collect(), 0.05)


async def test_garbage_goes_in_a_quiet_moment(uncollected: weakref.ref[Knot]) -> None:
    await collect_for_a_moment()
    assert uncollected() is None


async def test_garbage_of_many_closed_sockets_does_not_wait(
    uncollected: weakref.ref[Knot], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "running", lambda: [object()])
    collecting = asyncio.create_task(life._collect())
    await asyncio.sleep(0)
    monkeypatch.setattr(presence, "closed", presence.closed + life.MANY_CLOSED)
    await asyncio.wait({collecting}, timeout=0.05)
    collecting.cancel()
    assert uncollected() is None


async def test_garbage_waits_while_a_reply_is_written(
    uncollected: weakref.ref[Knot], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "running", lambda: [object()])
    await collect_for_a_moment()
    assert uncollected() is not None
