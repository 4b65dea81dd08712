"""A socket outlives its access token until its running replies have ended, and never its sign-in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import TokenFamily, User
from accounts.sign_ins import tokens
from chat import runs
from chat.models import Run
from chat.tests.conftest import MODEL, Connect, Read, close_code, headers_of
from chat.tests.standins.anthropic import AnthropicStandIn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def brief_client(ann: User, sign_in: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch) -> Client:
    """Signed in with an access token that is over in a moment."""
    monkeypatch.setattr(tokens, "ACCESS_FOR", timedelta(seconds=2))
    return sign_in(ann)


async def test_socket_without_a_reply_closes_when_the_token_is_over(
    brief_client: Client, connect: Connect, catalogue: None
) -> None:
    async with connect(brief_client) as tab:
        assert await tab.closed() == 4401
        assert not [frame for frame in tab.seen if frame["type"] == "signed_out"]


async def test_running_reply_goes_on_to_its_end_and_takes_the_socket_with_it(
    upstream: AnthropicStandIn, brief_client: Client, connect: Connect, read: Read
) -> None:
    upstream.scenario, upstream.pace = "long", 0.02
    async with connect(brief_client) as tab:
        accepted = await tab.send()
        await asyncio.sleep(2.1)  # the token's life: there is nothing else to wait for
        await tab.say("ping", id="p")
        await tab.hear("pong")
        await tab.say("stop", id="x", run=accepted["run"])
        await tab.hear("stopping")
        await tab.hear("ended")
        assert await tab.closed() == 4401
    run = await read(lambda: Run.objects.get(uuid=accepted["run"]))
    assert run.end == "stopped"


async def test_no_other_frame_is_taken_once_the_token_is_over(
    upstream: AnthropicStandIn, brief_client: Client, connect: Connect, read: Read
) -> None:
    upstream.scenario, upstream.pace = "long", 0.02
    async with connect(brief_client) as tab:
        await tab.send()
        await asyncio.sleep(2.1)
        await tab.say("send", id="late", request_id=str(uuid4()), conversation=None, model=MODEL, text="Late.")
        assert await tab.closed() == 4401
        assert not [frame for frame in tab.seen if frame.get("id") == "late"]
    assert await read(Run.objects.count) == 1
    assert len(runs.running()) == 1


async def test_reused_token_closes_the_sockets_of_its_family_alone(
    ann_client: Client, ann: User, sign_in: Callable[[User], Client], connect: Connect, catalogue: None, read: Read
) -> None:
    other = await asyncio.to_thread(sign_in, ann)
    stolen = ann_client.cookies["refresh"].value

    def steal() -> None:
        now, current = timezone.now(), stolen
        for number in range(3):
            current = tokens.rotate(current, tokens.Kind.WEB, now + timedelta(minutes=number)).refresh or current
        assert tokens.rotate(stolen, tokens.Kind.WEB, now + timedelta(minutes=9)).outcome is tokens.Outcome.STOLEN

    async with connect(ann_client) as tab, connect(other) as spared:
        await read(steal)
        assert await tab.closed() == 4401
        await spared.say("ping", id="p")
        assert (await spared.hear("pong", "signed_out"))["type"] == "pong"


async def test_ended_sign_in_closes_its_socket_in_the_middle_of_a_reply(
    upstream: AnthropicStandIn, ann_client: Client, connect: Connect, read: Read
) -> None:
    upstream.scenario, upstream.pace = "long", 0.02

    def end() -> None:
        tokens.end(TokenFamily.objects.select_related("user").get(), tokens.End.REVOKED, timezone.now())

    async with connect(ann_client) as tab:
        await tab.send()
        await tab.hear("text")
        await read(end)
        assert await tab.closed() == 4401
    assert len(runs.running()) == 1


async def test_refresh_token_alone_opens_no_socket(ann_client: Client) -> None:
    del ann_client.cookies["access"]
    assert await close_code(headers_of(ann_client)) == 4401
