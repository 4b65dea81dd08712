"""Runs in memory: how long they stay, and what their end leaves behind when things go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from billing.accounts import balance
from chat import endings, orphans, runs, saving, turns
from chat.failure_policy import estimate_received
from chat.models import Run
from chat.providers import registry, retrying
from chat.providers.base import Event, Finish, FinishReason, Provider, Request, Text, Usage
from chat.providers.retrying import Policy
from chat.runlog import Channel
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
    monkeypatch.setattr(saving, "SAVE_EVERY", 0.05)
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


class Scripted:
    """A provider that says what a test wants, also what no vendor should."""

    name = "scripted"

    def __init__(self, *events: Event, then: asyncio.Event | None = None) -> None:
        self.events, self.then = events, then
        self.is_closed = False

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        try:
            for event in self.events:
                yield event
            if self.then:
                await self.then.wait()
        finally:
            await asyncio.sleep(0)  # as connections do, closing takes a turn of the loop
            await asyncio.sleep(0)
            self.is_closed = True

    async def close(self) -> None:
        """Do nothing: there is no connection."""


def play(monkeypatch: pytest.MonkeyPatch, provider: Provider) -> None:
    async def get(name: str) -> Provider:
        return provider

    monkeypatch.setattr(registry, "get", get)


async def test_stop_before_the_first_step_ends_the_run_before_anything_is_asked(
    order: Order, upstream: AnthropicStandIn, read: Read
) -> None:
    live = runs.start(order, nobody_listens)
    live.stop()
    await runs.settle_all()
    run = await read(lambda: Run.objects.get(uuid=order.run))
    assert (run.end, run.rule, run.cost) == ("stopped", "stopped_early", 0)
    assert upstream.requests == []


async def test_second_stop_does_not_break_into_the_closing_of_the_connection(
    order: Order, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Scripted(Text("Seine"), then=asyncio.Event())
    play(monkeypatch, provider)
    live = runs.start(order, nobody_listens)
    async with asyncio.timeout(5):
        while not live.log.seq:
            await asyncio.sleep(0.01)
    for _ in range(4):
        live.stop()
        await asyncio.sleep(0)
    await runs.settle_all()
    assert provider.is_closed
    assert (await read(lambda: Run.objects.get(uuid=order.run))).end == "stopped"


async def test_stop_after_the_end_changes_nothing(order: Order, read: Read) -> None:
    live = runs.start(order, nobody_listens)
    await runs.settle_all()
    live.stop()
    assert live.record
    assert (await read(lambda: Run.objects.get(uuid=order.run))).end == live.record.end == "finished"


async def test_stream_without_an_end_is_a_failure_and_not_a_finished_reply(
    order: Order, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Scripted(Usage(10, 0, 0, 5), Text("Seine, N")))
    runs.start(order, nobody_listens)
    await runs.settle_all()
    run = await read(lambda: Run.objects.get(uuid=order.run))
    assert (run.end, run.error_code, run.rule) == ("failed", "provider_broken_stream", "failed_midway")


@pytest.mark.parametrize("count", [-5, 10**18, 10**30])
async def test_absurd_counts_never_cost_more_than_the_hold_nor_leave_it_open(
    count: int, order: Order, ann: User, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Scripted(Usage(count, count, count, count), Text("Seine"), Finish(FinishReason.DONE)))
    live = runs.start(order, nobody_listens)
    await runs.settle_all()
    run = await read(lambda: Run.objects.get(uuid=order.run))
    assert live.log.is_closed
    assert (run.state, run.end) == ("ended", "finished")
    assert run.cost == (run.held if count > 0 else 0)
    assert (await read(lambda: balance(ann))).held == 0


async def test_reply_that_never_ends_is_ended(order: Order, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "LONGEST", 1_000)
    provider = Scripted(*[Text("word " * 10)] * 100, then=asyncio.Event())
    play(monkeypatch, provider)
    live = runs.start(order, nobody_listens)
    async with asyncio.timeout(30):
        await runs.settle_all()
    run = await read(lambda: Run.objects.get(uuid=order.run))
    assert (run.end, run.usage_source) == ("length", "estimated")
    assert len(live.log.whole(Channel.TEXT)) == 1_050
    assert provider.is_closed


async def test_followers_do_not_wait_for_an_end_that_cannot_be_stored(
    order: Order, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(endings, "end_run", broken)
    live = runs.start(order, nobody_listens)
    async with asyncio.timeout(30):
        await runs.settle_all()
        assert [item async for item in live.log.follow(0)] == live.log.since(0) != []
    monkeypatch.undo()
    assert await read(lambda: len(orphans.end_all(timezone.now() + timedelta(minutes=2)))) == 1


async def test_news_of_the_end_that_nobody_takes_harms_nothing(order: Order, read: Read) -> None:
    async def unreachable(live: runs.LiveRun, record: Run | None) -> None:
        raise ConnectionError

    runs.start(order, unreachable)
    results = await asyncio.gather(*runs._tasks, return_exceptions=True)
    assert results == [None]
    assert (await read(lambda: Run.objects.get(uuid=order.run))).end == "finished"


async def test_progress_that_cannot_be_saved_does_not_end_the_reply(
    order: Order, upstream: AnthropicStandIn, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def broken(*_args: Any) -> None:
        tried.append(1)
        raise ValueError

    monkeypatch.setattr(saving, "SAVE_EVERY", 0.02)
    monkeypatch.setattr(saving, "save_all", broken)
    upstream.scenario, upstream.pace = "slow", 0.01
    live = runs.start(order, nobody_listens)
    await runs.settle_all()
    assert tried
    assert live.log.whole(Channel.TEXT) == "drip " * 20
    assert (await read(lambda: Run.objects.get(uuid=order.run))).end == "finished"


async def test_shown_thinking_counts_as_received_when_the_reply_is_stopped(
    order: Order, upstream: AnthropicStandIn, read: Read
) -> None:
    upstream.scenario, upstream.pace = "thinking", 0.2
    live = runs.start(order, nobody_listens)
    async with asyncio.timeout(10):
        while not live.log.whole(Channel.REASONING):
            await asyncio.sleep(0.01)
    live.stop()
    await runs.settle_all()
    run = await read(lambda: Run.objects.get(uuid=order.run))
    assert live.log.whole(Channel.TEXT) == ""
    assert (run.rule, run.output_tokens) == ("stopped", estimate_received(live.log.whole(Channel.REASONING)))
    assert run.cost > 0


async def test_whole_answer_must_come_in_time_although_pings_do(
    order: Order, upstream: AnthropicStandIn, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "DEFAULT", Policy(whole_answer=0.5))
    upstream.scenario = "pings-for-ever"
    live = runs.start(order, nobody_listens)
    await runs.settle_all()
    run = await read(lambda: Run.objects.get(uuid=order.run))
    assert (run.end, run.rule, run.error_code) == ("failed", "timed_out", "provider_timeout")
    assert live.log.whole(Channel.TEXT) == "Seine, Nile, "
    await upstream.until(lambda: upstream.left == 1)
