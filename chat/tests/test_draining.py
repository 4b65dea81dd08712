"""A process that ends: nothing new, a while for what runs, and no word lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from channels.testing import WebsocketCommunicator
from django.test import Client

from caicaini.routing import sockets
from chat import draining
from chat.models import Message, Run
from chat.tests.conftest import Connect, Read, Socket, close_code, headers_of
from chat.tests.standins.anthropic import AnthropicStandIn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def serving_again() -> Iterator[None]:
    yield
    draining._is_draining = False


async def begun(tab: Socket) -> str:
    """Send a message and wait for the first word; gives the run."""
    run: str = (await tab.send())["run"]
    await tab.hear("text")
    return run


async def end_of(read: Read, run: str) -> tuple[str, str]:
    row = await read(lambda: Run.objects.get(uuid=run))
    return row.end, row.rule


async def test_a_reply_that_ends_in_time_is_finished_and_its_reader_leaves_then(
    upstream: AnthropicStandIn, ann_client: Client, connect: Connect, read: Read
) -> None:
    upstream.scenario, upstream.pace = "long", 0.001
    async with connect(ann_client) as tab:
        run = await begun(tab)
        await draining.drain(20)
        assert await tab.closed() == 4503
        assert [frame["type"] for frame in tab.seen if frame.get("run") == run][-1] == "ended"
        assert await end_of(read, run) == ("finished", "finished")


async def test_a_reply_that_does_not_is_interrupted_with_its_text_kept(
    upstream: AnthropicStandIn, ann_client: Client, connect: Connect, read: Read
) -> None:
    upstream.scenario, upstream.pace = "slow", 0.02
    async with connect(ann_client) as tab:
        run = await begun(tab)
        await draining.drain(0.3)
        assert await tab.closed() == 4503
        assert await end_of(read, run) == ("interrupted", "interrupted")
        row = await read(lambda: Run.objects.get(uuid=run))
        assert row.log_position >= max(frame["seq"] for frame in tab.seen if frame["type"] == "text")
        assert "ended" in {frame["type"] for frame in tab.seen}


async def test_who_only_looks_is_sent_elsewhere_at_once_and_nobody_new_comes_in(
    upstream: AnthropicStandIn, ann_client: Client, bob_client: Client, connect: Connect
) -> None:
    upstream.scenario, upstream.pace = "slow", 0.02
    async with connect(ann_client) as busy, connect(bob_client) as idle:
        await begun(busy)
        drained = asyncio.create_task(draining.drain(2))
        assert await idle.closed() == 4503
        assert await close_code(headers_of(bob_client)) == 4503
        assert not drained.done()
        await drained
        assert await busy.closed() == 4503


async def test_a_send_over_a_socket_that_still_follows_is_not_taken_and_not_answered(
    upstream: AnthropicStandIn, ann_client: Client, read: Read
) -> None:
    upstream.scenario, upstream.pace = "slow", 0.02
    communicator = WebsocketCommunicator(sockets, "/ws/", headers_of(ann_client))
    await communicator.connect(timeout=10)
    tab = Socket(communicator)
    await begun(tab)
    draining._is_draining = True
    await tab.say(
        "send", id="2", request_id="6f0c0d4e-0000-4000-8000-000000000000", conversation=None, model="demo", text="Hi"
    )
    assert await tab.closed() == 4503
    assert "error" not in {frame["type"] for frame in tab.seen}
    assert await read(Message.objects.count) == 2
    await communicator.disconnect()
