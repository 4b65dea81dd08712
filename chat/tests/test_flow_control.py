"""A client that stops reading costs little and loses nothing."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from chat import runs
from chat.models import Run
from chat.tests.conftest import Connect, Read, Socket
from chat.tests.standins.anthropic import AnthropicStandIn
from chat.tests.standins.anthropic_scenarios import FLOOD
from chat.windows import UNACKNOWLEDGED

pytestmark = pytest.mark.django_db(transaction=True)
WHOLE = "".join(FLOOD)


async def read_until_silent(tab: Socket) -> None:
    """Take what comes until half a second brings nothing."""
    while not await tab._communicator.receive_nothing(timeout=0.5, interval=0.05):
        await tab.hear("text", "snapshot", "ended", "balance", "changed")


async def until_ended(read: Read, run: str) -> None:
    async with asyncio.timeout(20):
        while (await read(lambda: Run.objects.get(uuid=run))).state == Run.State.RUNNING:
            await asyncio.sleep(0.02)


def bytes_of(tab: Socket, run: str) -> int:
    return sum(len(frame.get("text", "")) for frame in tab.seen if frame.get("run") == run)


@pytest.mark.parametrize("pace", [0.0, 0.002])
async def test_the_server_waits_for_a_client_that_says_nothing_and_the_reply_goes_on(
    pace: float, upstream: AnthropicStandIn, ann_client: Client, connect: Connect, read: Read
) -> None:
    upstream.scenario, upstream.pace = "flood", pace
    async with connect(ann_client) as tab:
        run = (await tab.send())["run"]
        await until_ended(read, run)
        await read_until_silent(tab)
        assert bytes_of(tab, run) <= UNACKNOWLEDGED + 65_536
        ended = False
        while not ended:
            last = [frame for frame in tab.seen if frame.get("run") == run and "seq" in frame][-1]
            await tab.say("ack", run=run, seq=last["seq"])
            await read_until_silent(tab)
            ended = tab.seen[-1]["type"] == "ended" or any(frame["type"] == "ended" for frame in tab.seen)
        assert tab.text(run) == WHOLE


async def test_who_comes_again_goes_on_behind_the_last_number(
    upstream: AnthropicStandIn, ann_client: Client, connect: Connect, read: Read
) -> None:
    upstream.scenario = "flood"
    async with connect(ann_client) as tab:
        run = (await tab.send())["run"]
        await until_ended(read, run)
        await read_until_silent(tab)
    seen = [frame for frame in tab.seen if frame.get("run") == run and "seq" in frame]
    async with connect(ann_client) as again:
        again.seen = list(tab.seen)
        await follow_to_the_end(again, run, seen[-1]["seq"])
        assert again.text(run) == WHOLE


async def test_a_reply_that_left_memory_comes_in_frames_of_a_bounded_size(
    upstream: AnthropicStandIn, ann_client: Client, connect: Connect, read: Read, monkeypatch: Any
) -> None:
    monkeypatch.setattr("chat.runs.KEEP_ENDED_FOR", 0.0)
    upstream.scenario = "flood"
    async with connect(ann_client) as tab:
        run = (await tab.send())["run"]
        async with asyncio.timeout(20):
            while runs.find(UUID(run)):
                await asyncio.sleep(0.02)
    async with connect(ann_client) as later:
        await follow_to_the_end(later, run, 0)
        assert later.text(run) == WHOLE
        sizes = [len(frame.get("text", "")) for frame in later.seen]
        assert max(sizes) <= 32_768
        assert [frame["seq"] for frame in later.seen if frame["type"] in {"snapshot", "text"}][:-1].count(0) > 10


async def follow_to_the_end(tab: Socket, run: str, after: int) -> None:
    """Follow as a client should: acknowledging what it read."""
    await tab.say("follow", id="f", run=run, after=after)
    while (frame := await tab.hear("text", "snapshot", "ended"))["type"] != "ended":
        await tab.say("ack", run=run, seq=frame["seq"])
