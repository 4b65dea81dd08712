"""The edges of a socket: whose it is, how it closes, and that nothing of it goes on afterwards."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from channels.testing import WebsocketCommunicator
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from accounts.models import User
from caicaini.routing import sockets
from chat import consumers, notices, runs, saving, speaking, turns
from chat.models import Run
from chat.runlog import Channel
from chat.tests.conftest import MODEL, Connect, Frame, Read, Socket, close_code, headers_of
from chat.tests.standins.anthropic import AnthropicStandIn
from chat.turns import Draft

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://testserver",
        "http://testserver:8000",
        "http://testserver.evil.example",
        "http://testserver@evil.example",
        "http://[",
        "testserver",
        "",
    ],
)
async def test_origin_that_is_not_exactly_this_site_is_refused(origin: str, ann_client: Client) -> None:
    assert await close_code(headers_of(ann_client, origin)) == 4403


async def test_address_of_the_site_counts_behind_a_proxy_that_renames_the_host(
    ann_client: Client, settings: Any
) -> None:
    settings.SITE_URL, settings.IS_TLS = "https://chat.example", True
    origins = {"https://chat.example": True, "http://chat.example": False, "http://testserver": False}
    for origin, is_own in origins.items():
        headers = headers_of(ann_client, origin)
        if not is_own:
            assert await close_code(headers) == 4403
            continue
        communicator = WebsocketCommunicator(sockets, "/ws/", headers)
        await communicator.connect(timeout=10)
        await Socket(communicator).hear("ready")
        await communicator.disconnect()


async def test_frame_is_measured_in_bytes(ann_client: Client, connect: Connect, catalogue: None) -> None:
    async with connect(ann_client) as tab:
        await tab.raw("é" * (512 * 1024 + 1))
        assert await tab.closed() == 4413


def test_every_close_code_is_one_that_a_server_may_send() -> None:
    codes = [value for name, value in vars(consumers).items() if name.isupper() and type(value) is int and value > 1000]
    assert codes
    assert all(3000 <= code <= 4999 for code in codes)


async def test_closed_socket_does_nothing_with_the_frames_behind(
    upstream: AnthropicStandIn, ann_client: Client, connect: Connect, read: Read
) -> None:
    async with connect(ann_client) as tab:
        for _ in range(61):
            await tab.raw("{")
        await tab.say("send", request_id=str(uuid4()), conversation=None, model=MODEL, text="Late.", id="s")
        assert await tab.closed() == 4429
        assert await tab._communicator.receive_nothing(timeout=0.2)
    assert await read(Run.objects.count) == 0


async def test_shut_out_person_sees_no_further_word(
    upstream: AnthropicStandIn, ann: User, ann_client: Client, connect: Connect, read: Read
) -> None:
    def shut_out() -> None:
        ann.is_active = False
        ann.save()

    upstream.scenario, upstream.pace = "long", 0.02
    async with connect(ann_client) as tab, connect(ann_client) as other:
        await tab.send()
        await tab.hear("text")
        await asyncio.to_thread(shut_out)
        assert await tab.closed() == await other.closed() == 4401
        assert await tab._communicator.receive_nothing(timeout=0.2)
    assert len(runs.running()) == 1


async def test_sign_out_leaves_the_other_sign_ins_their_sockets(
    ann: User, ann_client: Client, connect: Connect, catalogue: None, read: Read
) -> None:
    async with connect(ann_client) as tab:
        await read(lambda: notices.signed_out_now(ann.uuid, uuid4()))
        await tab.say("ping", id="p")
        assert (await tab.hear("pong", "signed_out"))["type"] == "pong"


async def test_last_balance_that_is_told_is_the_newest(
    ann: User, ann_client: Client, connect: Connect, catalogue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reply that fails at once: the balance with its hold takes longer to be read than the one after it."""
    asked: list[int] = []

    async def slow_at_first(user: User) -> dict[str, int]:
        asked.append(len(asked))
        number = asked[-1]
        await asyncio.sleep(0 if number else 0.1)
        return {"available": number}

    async with connect(ann_client) as tab:
        monkeypatch.setattr(speaking, "balance_fields", slow_at_first)
        await notices.changed(ann.uuid, "balance")
        await notices.changed(ann.uuid, "balance")
        told = [(await tab.hear("balance"))["available"] for _ in range(2)]
    assert told == [0, 1]


async def test_balance_that_cannot_be_read_does_not_end_the_socket(
    ann: User, ann_client: Client, connect: Connect, catalogue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(user: User) -> None:
        raise OperationalError

    async with connect(ann_client) as tab:
        monkeypatch.setattr(speaking, "balance_fields", broken)
        await notices.changed(ann.uuid, "conversations")
        await tab.hear("changed")
        await tab.say("ping", id="p")
        await tab.hear("pong")


async def test_following_again_starts_anew_and_nothing_of_the_old_follow_comes_behind(
    upstream: AnthropicStandIn, ann_client: Client, connect: Connect
) -> None:
    upstream.scenario, upstream.pace = "slow", 0.02
    async with connect(ann_client) as tab:
        accepted = await tab.send()
        for _ in range(5):
            await tab.hear("text")
            await tab.say("follow", id="f", run=accepted["run"], after=0)
            await tab.hear("following")
            tab.seen.clear()
        await tab.hear("ended")
    assert tab.text(accepted["run"]) == "drip " * 20


async def test_socket_that_dies_in_the_middle_leaves_no_follow_behind(
    upstream: AnthropicStandIn, ann_client: Client
) -> None:
    upstream.scenario, upstream.pace = "long", 0.02
    communicator = WebsocketCommunicator(sockets, "/ws/", headers_of(ann_client))
    await communicator.connect(timeout=10)
    tab = Socket(communicator)
    accepted = await tab.send()
    await tab.hear("text")
    live = runs.find(UUID(accepted["run"]))
    assert live
    assert not live.log.is_closed
    communicator.stop()  # the server gives the socket up: no `disconnect` is told
    async with asyncio.timeout(5):
        while live.log._waiting:
            await asyncio.sleep(0.01)


async def test_client_that_leaves_while_it_is_answered_is_no_error(ann_client: Client, catalogue: None) -> None:
    events: asyncio.Queue[Frame] = asyncio.Queue()
    ready = asyncio.Event()

    async def send(message: Frame) -> None:
        if ready.is_set():
            raise ConnectionError  # what servers do once the other side is gone
        if '"ready"' in message.get("text", ""):
            ready.set()

    scope = {"type": "websocket", "path": "/ws/", "headers": headers_of(ann_client)}
    socket = asyncio.create_task(sockets(scope, events.get, send))
    events.put_nowait({"type": "websocket.connect"})
    async with asyncio.timeout(10):
        await ready.wait()
        events.put_nowait({"type": "websocket.receive", "text": '{"v":1,"type":"ping","id":"p"}'})
        events.put_nowait({"type": "websocket.receive", "text": "{"})
        events.put_nowait({"type": "websocket.disconnect", "code": 1006})
        await socket


@pytest.mark.parametrize("after", [0, 1, 10, 2**31])
async def test_follow_after_any_number_ends_with_the_end(
    after: int, upstream: AnthropicStandIn, ann_client: Client, connect: Connect
) -> None:
    async with connect(ann_client) as tab:
        accepted = await tab.send()
        await tab.hear("ended")
        tab.seen.clear()
        await tab.say("follow", id="f", run=accepted["run"], after=after)
        ended: Frame = await tab.hear("ended")
    assert ended["seq"] >= 1
    assert "Seine, Nile, Mekong.".endswith(tab.text(accepted["run"]))


async def test_reply_written_elsewhere_comes_from_the_database_with_its_thinking(
    upstream: AnthropicStandIn, ann: User, ann_client: Client, connect: Connect, read: Read
) -> None:
    sent = await read(lambda: turns.send(ann, Draft(uuid4(), None, MODEL, "Hi"), timezone.now()))
    live = runs.LiveRun(sent.order, speaking._tell_of_end)
    live.log.append(Channel.REASONING, "Rivers, then.")
    live.log.append(Channel.TEXT, "Seine")
    await read(lambda: saving.save_one(live.uuid, sent.order.key, live.log.snapshot(), timezone.now()))
    async with connect(ann_client) as tab:
        await tab.say("follow", id="f", run=str(sent.run.uuid), format="html")
        thought, shown = await tab.hear("reasoning"), await tab.hear("html")
        live.log.append(Channel.REASONING, " More.")
        await live._store_end()
        more = await tab.hear("reasoning")
        await tab.hear("ended")
    assert (thought["text"], more["text"]) == ("Rivers, then.", " More.")
    assert "Seine" in str(shown["blocks"])
