"""The websocket through its front door: what a tab sends and gets, and what remains in the books."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from billing import metering
from billing.accounts import account_of, balance, grant
from billing.metering import Metered
from billing.models import Hold, LedgerAccount, UsageRecord
from billing.tokens import Tokens
from caicaini.errors import CaicainiError
from chat import conversations, runs, turns
from chat.failure_policy import estimate_received
from chat.history import open_line
from chat.models import Conversation, Message, Run
from chat.tests.conftest import MODEL, Connect, Read, close_code, headers_of
from chat.tests.standins.anthropic import AnthropicStandIn

pytestmark = pytest.mark.django_db(transaction=True)
PROMPT = "Name three rivers."


async def test_nobody_is_told_to_sign_in(catalogue: None) -> None:
    assert await close_code(headers_of(None)) == 4401


async def test_page_of_another_site_is_refused(ann_client: Client) -> None:
    assert await close_code(headers_of(ann_client, "https://evil.example")) == 4403


async def test_cookie_without_origin_is_refused(ann_client: Client) -> None:
    headers = [header for header in headers_of(ann_client) if header[0] != b"origin"]
    assert await close_code(headers) == 4403


async def test_reply_streams_and_is_billed_exactly(
    upstream: AnthropicStandIn, ann: User, ann_client: Client, connect: Connect, read: Read
) -> None:
    async with connect(ann_client) as tab:
        before = await read(lambda: balance(ann).available)
        accepted = await tab.send()
        ended = await tab.hear("ended")
    run = await read(lambda: Run.objects.select_related("price", "reply").get(uuid=accepted["run"]))
    after = await read(lambda: balance(ann))
    assert ended["end"] == "finished"
    assert ended["usage"]["source"] == "provider"
    assert tab.text(accepted["run"]) == "Seine, Nile, Mekong."
    assert run.cost == ended["usage"]["cost"] == before - after.available > 0
    assert after.held == 0


async def test_provider_gets_the_conversation_and_nothing_about_the_person(
    upstream: AnthropicStandIn, ann: User, ann_client: Client, connect: Connect
) -> None:
    async with connect(ann_client) as tab:
        first = await tab.send("My first words.")
        await tab.hear("ended")
        await tab.send("My second words.", conversation=first["conversation"])
        await tab.hear("ended")
    assert [turn["role"] for turn in upstream.requests[1].body["messages"]] == ["user", "assistant", "user"]
    assert ann.email.encode() not in upstream.requests[1].raw
    assert str(ann.uuid).encode() not in upstream.requests[1].raw


async def test_same_request_attaches_to_the_first_run_and_is_billed_once(
    upstream: AnthropicStandIn, ann_client: Client, connect: Connect, read: Read
) -> None:
    request_id = str(uuid4())
    async with connect(ann_client) as tab, connect(ann_client) as other:
        first, second = await asyncio.gather(tab.send(request_id=request_id), other.send(request_id=request_id))
        await asyncio.gather(tab.hear("ended"), other.hear("ended"))
        third = await tab.send(request_id=request_id)
        await tab.hear("ended")
    assert first["run"] == second["run"] == third["run"]
    assert tab.text(first["run"]).startswith("Seine")
    assert len(upstream.requests) == 1
    assert await read(UsageRecord.objects.count) == await read(Message.objects.count) / 2 == 1


async def test_twenty_parallel_sends_with_credit_for_three_make_three_runs(
    upstream: AnthropicStandIn, ann: User, ann_client: Client, connect: Connect, read: Read
) -> None:
    upstream.scenario, upstream.pace = "long", 0.05

    await read(lambda: _leave_credit_for_three(ann))
    async with connect(ann_client) as tab:
        for _ in range(20):
            await tab.say("send", request_id=str(uuid4()), conversation=None, model=MODEL, text=PROMPT, id="s")
        answers = [await tab.hear("accepted", "error") for _ in range(20)]
    codes = [answer.get("code") for answer in answers if answer["type"] == "error"]
    assert codes == ["insufficient_credit"] * 17
    assert await read(Run.objects.count) == await read(Conversation.objects.count) == 3
    assert (await read(LedgerAccount.objects.get)).available == 0


async def test_sends_from_many_threads_never_overdraw(
    upstream: AnthropicStandIn, ann: User, read: Read, connect: Connect
) -> None:
    await read(lambda: _leave_credit_for_three(ann))

    async def attempt() -> bool:
        draft = turns.Draft(uuid4(), None, MODEL, PROMPT)
        try:
            await read(lambda: turns.send(ann, draft, timezone.now()))
        except CaicainiError:
            return False
        return True

    made = await asyncio.gather(*(attempt() for _ in range(20)))
    assert sum(made) == await read(Run.objects.count) == 3
    await read(_settle_everything)


async def test_stop_keeps_the_partial_reply_and_bills_what_was_received(
    upstream: AnthropicStandIn, ann_client: Client, connect: Connect, read: Read
) -> None:
    upstream.scenario, upstream.pace = "long", 0.02
    async with connect(ann_client) as tab:
        accepted = await tab.send()
        await tab.hear("text")
        await tab.say("stop", id="x", run=accepted["run"])
        ended = await tab.hear("ended")
        shown = tab.text(accepted["run"])
    await upstream.until(lambda: upstream.left == 1)
    assert ended["end"] == "stopped"
    assert ended["usage"]["source"] == "estimated"
    assert ended["usage"]["output"] == estimate_received(shown)
    assert shown.startswith("word 0 ")
    assert "word 499" not in shown
    assert await read(lambda: _text_of(accepted["reply"])) == shown


async def test_closing_the_socket_does_not_stop_the_reply(
    upstream: AnthropicStandIn, ann_client: Client, connect: Connect, read: Read
) -> None:
    upstream.scenario, upstream.pace = "slow", 0.02
    async with connect(ann_client) as tab:
        accepted = await tab.send()
        await tab.hear("text")
    await runs.settle_all()
    assert await read(lambda: _text_of(accepted["reply"])) == "drip " * 20


async def test_second_tab_reads_the_same_reply_from_the_start(
    upstream: AnthropicStandIn, ann_client: Client, connect: Connect
) -> None:
    upstream.scenario, upstream.pace = "slow", 0.02
    async with connect(ann_client) as tab, connect(ann_client) as other:
        accepted = await tab.send()
        await tab.hear("text")
        notice = await other.hear("changed")
        await other.say("follow", id="f", run=notice["run"])
        assert (await other.hear("following"))["state"] == "running"
        await asyncio.gather(tab.hear("ended"), other.hear("ended"))
    assert tab.text(accepted["run"]) == other.text(accepted["run"]) == "drip " * 20


async def test_follow_after_a_number_gives_only_the_rest(
    upstream: AnthropicStandIn, ann_client: Client, connect: Connect
) -> None:
    async with connect(ann_client) as tab:
        accepted = await tab.send()
        await tab.hear("ended")
        texts = [frame for frame in tab.seen if frame["type"] == "text"]
    middle = texts[0]["seq"]
    async with connect(ann_client) as later:
        await later.say("follow", id="f", run=accepted["run"], after=middle)
        await later.hear("ended")
    assert texts[0]["text"] + later.text(accepted["run"]) == "Seine, Nile, Mekong."


async def test_reply_that_left_memory_is_read_from_the_database(
    upstream: AnthropicStandIn, ann_client: Client, connect: Connect
) -> None:
    async with connect(ann_client) as tab:
        accepted = await tab.send()
        await tab.hear("ended")
        runs._live.clear()
        for form, kind in (("text", "snapshot"), ("html", "html")):
            await tab.say("follow", id="f", run=accepted["run"], format=form)
            frame = await tab.hear(kind)
            await tab.hear("ended")
            assert "Seine, Nile, Mekong." in str(frame)


async def test_html_follower_ends_with_the_same_blocks_as_the_page(
    upstream: AnthropicStandIn, ann_client: Client, connect: Connect, read: Read
) -> None:
    upstream.scenario, upstream.pace = "long", 0.002
    async with connect(ann_client) as tab:
        accepted = await tab.send(format="html")
        ended = await tab.hear("ended")
    blocks: list[str] = []
    for frame in tab.seen:
        if frame["type"] == "html":
            assert frame["first"] <= len(blocks)
            blocks[frame["first"] :] = frame["blocks"]
    page = await read(lambda: _page(ann_client, accepted["conversation"]))
    assert "word 499" in blocks[-1]
    assert all(block in page for block in blocks)
    assert "receipt" in ended["html"]


@pytest.mark.parametrize("kind", ["follow", "stop"])
async def test_stranger_reaches_no_run(
    kind: str, upstream: AnthropicStandIn, ann_client: Client, bob_client: Client, connect: Connect
) -> None:
    upstream.scenario, upstream.pace = "slow", 0.02
    async with connect(ann_client) as ann_tab, connect(bob_client) as bob_tab:
        accepted = await ann_tab.send()
        await bob_tab.say(kind, id="b", run=accepted["run"])
        foreign = await bob_tab.hear("error")
        await bob_tab.say(kind, id="b", run=str(uuid4()))
        unknown = await bob_tab.hear("error")
        ended = await ann_tab.hear("ended")
    assert foreign["code"] == unknown["code"] == "run_not_found"
    assert foreign["message"] == unknown["message"]
    assert ended["end"] == "finished"


async def test_stranger_cannot_write_into_a_conversation(
    upstream: AnthropicStandIn, ann_client: Client, bob_client: Client, connect: Connect, read: Read
) -> None:
    async with connect(ann_client) as ann_tab, connect(bob_client) as bob_tab:
        accepted = await ann_tab.send()
        await ann_tab.hear("ended")
        refused = await bob_tab.send(conversation=accepted["conversation"])
        unknown = await bob_tab.send(conversation=str(uuid4()))
    assert refused["code"] == unknown["code"] == "conversation_not_found"
    assert await read(Message.objects.count) == 2


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": "   "}, "text_empty"),
        ({"text": "x" * 100_001}, "text_too_long"),
        ({"model": "no-such-model"}, "model_not_offered"),
        ({"model": "kimi-k3"}, "provider_not_configured"),
        ({"request_id": "not-a-uuid"}, "bad_frame"),
        ({"conversation": "../../etc"}, "bad_frame"),
        ({"extra": 1}, "bad_frame"),
    ],
)
async def test_bad_input_is_refused_and_leaves_nothing(
    fields: dict[str, Any], code: str, upstream: AnthropicStandIn, ann_client: Client, connect: Connect, read: Read
) -> None:
    async with connect(ann_client) as tab:
        refused = await tab.send(**fields)
    assert refused["code"] == code
    assert refused["message"]
    assert [await read(model.objects.count) for model in (Conversation, Message, Run, Hold)] == [0, 0, 0, 0]
    assert upstream.requests == []


async def test_empty_balance_is_refused_before_anything_is_written(
    upstream: AnthropicStandIn, ann: User, ann_client: Client, connect: Connect, read: Read
) -> None:
    def spend_all() -> None:
        account = account_of(ann)
        grant(account, -account.available, "correction", timezone.now())

    await read(spend_all)
    async with connect(ann_client) as tab:
        refused = await tab.send()
    assert refused["code"] == "insufficient_credit"
    assert await read(Conversation.objects.count) == 0


@pytest.mark.parametrize(
    ("scenario", "code"),
    [("500", "provider_unavailable"), ("401", "provider_house_account"), ("402", "provider_house_account")],
)
async def test_failure_before_the_first_word_costs_nothing(
    scenario: str, code: str, upstream: AnthropicStandIn, ann: User, ann_client: Client, connect: Connect, read: Read
) -> None:
    upstream.scenario = scenario
    async with connect(ann_client) as tab:
        before = (await read(lambda: balance(ann))).available
        await tab.send()
        ended = await tab.hear("ended", seconds=20)
    assert (ended["end"], ended["error"]["code"], ended["usage"]["cost"]) == ("failed", code, 0)
    assert ended["error"]["message"]
    assert (await read(lambda: balance(ann))).available == before


async def test_failure_midway_bills_only_what_was_received(
    upstream: AnthropicStandIn, ann_client: Client, connect: Connect
) -> None:
    upstream.scenario = "drop"
    async with connect(ann_client) as tab:
        accepted = await tab.send()
        ended = await tab.hear("ended")
    assert (ended["end"], ended["usage"]["rule"]) == ("failed", "failed_midway")
    assert ended["usage"]["input"] == 0
    assert ended["usage"]["output"] == estimate_received(tab.text(accepted["run"]))


async def test_a_conversation_writes_one_reply_at_a_time(
    upstream: AnthropicStandIn, ann_client: Client, connect: Connect
) -> None:
    upstream.scenario, upstream.pace = "long", 0.05
    async with connect(ann_client) as tab:
        accepted = await tab.send()
        refused = await tab.send(conversation=accepted["conversation"])
    assert refused["code"] == "reply_running"


async def test_deleting_the_conversation_stops_its_reply_and_settles_it(
    upstream: AnthropicStandIn, ann_client: Client, connect: Connect, read: Read
) -> None:
    upstream.scenario, upstream.pace = "long", 0.05
    async with connect(ann_client) as tab:
        accepted = await tab.send()
        await tab.hear("text")
        await asyncio.to_thread(_delete, ann_client, accepted["conversation"])
        gone = await tab.hear("error")
    await runs.settle_all()
    run = await read(lambda: Run.objects.get(uuid=accepted["run"]))
    assert gone["code"] == "run_not_found"
    assert run.end == "stopped"


async def test_sign_out_closes_the_open_sockets_of_that_sign_in(
    catalogue: None, ann_client: Client, connect: Connect
) -> None:
    async with connect(ann_client) as tab:
        await asyncio.to_thread(ann_client.post, "/account/logout/")
        await tab.say("ping", id="p")
        assert await tab.closed() == 4401
    assert tab.seen[-1]["type"] == "signed_out"


async def test_quote_is_what_the_hold_takes_at_most(
    upstream: AnthropicStandIn, ann_client: Client, connect: Connect
) -> None:
    async with connect(ann_client) as tab:
        await tab.say("quote", id="q", conversation=None, model=MODEL, characters=len("Name three rivers."))
        quoted = await tab.hear("quoted")
        accepted = await tab.send()
        await tab.hear("ended")
    assert quoted["most"] == accepted["held"] > 0
    assert quoted["affordable"] is True


async def test_only_errors_end_the_socket(ann_client: Client, connect: Connect, catalogue: None) -> None:
    async with connect(ann_client) as tab:
        for _ in range(61):
            await tab.raw("{")
        assert await tab.closed() == 4429


async def test_binary_and_huge_frames_do_no_harm(ann_client: Client, connect: Connect, catalogue: None) -> None:
    async with connect(ann_client) as tab:
        await tab._communicator.send_to(bytes_data=b"\xff\xfe")
        assert (await tab.hear("error"))["code"] == "bad_frame"
        await tab.raw("x" * (1024 * 1024 + 1))
        assert await tab.closed() == 4413


def _leave_credit_for_three(user: User) -> None:
    """Leave exactly what three sends of `PROMPT` can cost at most."""
    most = turns.quote(user, None, MODEL, len(PROMPT), timezone.now()).most
    account = account_of(user)
    grant(account, 3 * most - account.available, "goodwill", timezone.now())


def _text_of(message: str) -> str:
    row = Message.objects.select_related("conversation").get(uuid=message)
    return open_line(row, None, conversations.key_of(row.conversation)).text


def _page(client: Client, conversation: str) -> str:
    return client.get(f"/chat/{conversation}/").content.decode()


def _delete(client: Client, conversation: str) -> None:
    assert client.post(f"/chat/{conversation}/delete/").status_code == 302


def _settle_everything() -> None:
    for run in Run.objects.all():
        metered = Metered(
            tokens=Tokens(),
            model=run.model,
            provider=run.provider,
            first_token_ms=None,
            total_ms=0,
            usage_source="none",
            rule="our_fault",
            charge=False,
        )
        metering.settle(run.uuid, metered, timezone.now())
        Run.objects.filter(pk=run.pk).update(state=Run.State.ENDED, end=Run.End.FAILED)
