"""Runs in memory: how long they stay, and what their end leaves behind when things go wrong."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from chat import endings, runs, turns
from chat.models import Run
from chat.tests.conftest import MODEL, Read
from chat.tests.standins.anthropic import AnthropicStandIn
from chat.turns import Draft, Order

pytestmark = pytest.mark.django_db(transaction=True)


async def nobody_listens(live: runs.LiveRun, record: Run | None) -> None:
    """Take the news of the end."""


@pytest.fixture
async def order(upstream: AnthropicStandIn, ann: User, read: Read) -> Order:
    draft = Draft(uuid4(), None, MODEL, "Name three rivers.")
    sent = await read(lambda: turns.send(ann, draft, timezone.now()))
    assert isinstance(sent.order, Order)
    return sent.order


async def test_ended_run_leaves_memory_after_its_time(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "KEEP_ENDED_FOR", 0.05)
    runs.start(order, nobody_listens)
    await runs.settle_all()
    assert runs.find(order.run)
    async with asyncio.timeout(5):
        while runs.find(order.run):
            await asyncio.sleep(0.01)


async def test_partial_text_is_saved_while_the_reply_runs(
    order: Order, upstream: AnthropicStandIn, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "SAVE_EVERY", 0.05)
    upstream.scenario, upstream.pace = "slow", 0.02
    runs.start(order, nobody_listens)
    async with asyncio.timeout(10):
        while not (await read(lambda: Run.objects.get(uuid=order.run))).log_position:
            await asyncio.sleep(0.02)
    run = await read(lambda: Run.objects.select_related("reply").get(uuid=order.run))
    assert run.state == Run.State.RUNNING
    assert order.key.unseal(run.reply.uuid, "body", run.reply.body).startswith("drip ")
    assert run.heartbeat_at > run.started_at


async def test_cancelled_owner_ends_the_run_as_interrupted(
    order: Order, upstream: AnthropicStandIn, read: Read
) -> None:
    upstream.scenario, upstream.pace = "slow", 0.05
    live = runs.start(order, nobody_listens)
    async with asyncio.timeout(5):
        while not live.log.seq:
            await asyncio.sleep(0.01)
    for task in runs._tasks:
        task.cancel()
    await runs.settle_all()
    async with asyncio.timeout(5):
        while (await read(lambda: Run.objects.get(uuid=order.run))).state == Run.State.RUNNING:
            await asyncio.sleep(0.01)
    run = await read(lambda: Run.objects.get(uuid=order.run))
    assert (run.end, run.rule) == ("interrupted", "interrupted")


async def test_bug_of_ours_ends_the_run_and_bills_nothing(
    order: Order, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(runs, "merged", broken)
    live = runs.start(order, nobody_listens)
    await runs.settle_all()
    run = await read(lambda: Run.objects.get(uuid=order.run))
    assert live.log.is_closed
    assert (run.end, run.error_code, run.cost) == ("failed", "internal", 0)


async def test_end_is_stored_once_even_when_two_try(order: Order, upstream: AnthropicStandIn, read: Read) -> None:
    live = runs.start(order, nobody_listens)
    await runs.settle_all()
    first = await read(lambda: Run.objects.get(uuid=order.run))
    again = await read(lambda: endings.end_run(order.run, order.key, live._outcome(), timezone.now()))
    assert (again.cost, again.ended_at) == (first.cost, first.ended_at)


async def test_stopping_an_unknown_run_is_told(catalogue: None) -> None:
    assert runs.stop(UUID(int=0)) is False
