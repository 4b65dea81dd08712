"""Deleting a conversation while its reply is written: at every moment it stops, settles, and an undo loses nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from billing import proof
from billing.accounts import balance
from billing.models import Hold, UsageRecord
from caicaini import vault
from caicaini.models import WrappedKey
from chat import conversations, endings, orphans, runs, saving, turns
from chat.errors import NotFound
from chat.failure_policy import estimate_received
from chat.history import open_line
from chat.models import Conversation, Message, Run
from chat.runlog import Channel
from chat.tests.conftest import MODEL, Connect, Read
from chat.tests.standins.anthropic import AnthropicStandIn
from chat.turns import Draft, Sent
from privacy import purge

pytestmark = pytest.mark.django_db(transaction=True)
LATER = conversations.UNDO_FOR + timedelta(seconds=1)


def draft(**fields: Any) -> Draft:
    usual = {"request_id": uuid4(), "conversation": None, "model": MODEL, "text": "Name three rivers."}
    return Draft(**{**usual, **fields})


def words_of(reply: str) -> str:
    row = Message.objects.select_related("conversation").get(uuid=reply)
    return open_line(row, None, conversations.key_of(row.conversation)).text


async def test_deletion_before_the_run_starts_still_stops_it(
    upstream: AnthropicStandIn, ann: User, ann_client: Client, connect: Connect, read: Read, monkeypatch: Any
) -> None:
    upstream.scenario, upstream.pace = "long", 0.05
    real = turns.sent_now

    def sent_and_deleted(user: User, wanted: Draft) -> Sent:
        sent = real(user, wanted)
        conversations.hide(user, sent.conversation.uuid, timezone.now())  # another tab, faster than this one's loop
        return sent

    monkeypatch.setattr(turns, "sent_now", sent_and_deleted)
    async with connect(ann_client) as tab:
        refused = await tab.send()
    assert refused["code"] == "run_not_found"
    async with asyncio.timeout(30):
        await runs.settle_all()
    run = await read(Run.objects.get)
    assert (run.end, run.cost) == ("stopped", 0)


async def test_deletion_in_another_process_stops_the_reply_at_its_next_sign_of_life(
    upstream: AnthropicStandIn, ann: User, ann_client: Client, connect: Connect, read: Read, monkeypatch: Any
) -> None:
    monkeypatch.setattr(saving, "SAVE_EVERY", 0.05)
    upstream.scenario, upstream.pace = "long", 0.05
    async with connect(ann_client) as tab:
        accepted = await tab.send()
        await tab.hear("text")
        await read(lambda: conversations.hide(ann, accepted["conversation"], timezone.now()))
        async with asyncio.timeout(30):
            await runs.settle_all()
    assert (await read(Run.objects.get)).end == "stopped"


async def test_undo_brings_back_every_word_that_was_shown_and_billed(
    upstream: AnthropicStandIn, ann: User, ann_client: Client, connect: Connect, read: Read
) -> None:
    upstream.scenario, upstream.pace = "long", 0.02
    async with connect(ann_client) as tab:
        accepted = await tab.send()
        await tab.hear("text")
        await asyncio.to_thread(ann_client.post, f"/chat/{accepted['conversation']}/delete/")
        await tab.hear("error")
        shown = tab.text(accepted["run"])
    await asyncio.to_thread(ann_client.post, f"/chat/{accepted['conversation']}/restore/")
    run = await read(Run.objects.get)
    assert (run.end, run.output_tokens) == ("stopped", estimate_received(shown))
    assert await read(lambda: words_of(accepted["reply"])) == shown != ""


@pytest.fixture
def sent(catalogue: None, ann: User, settings: Any) -> Sent:
    settings.ANTHROPIC_API_KEY = "never called"
    return turns.send(ann, draft(), timezone.now())


def ended(sent: Sent, when: Any) -> Run | None:
    assert sent.order
    live = runs.LiveRun(sent.order, nobody_listens)
    live.log.append(Channel.TEXT, "Seine")
    return endings.end_run(sent.run.uuid, sent.order.key, live._outcome(), when)


async def nobody_listens(live: runs.LiveRun, record: Run | None) -> None:
    """Take the news of the end."""


def test_reply_gets_no_more_text_once_the_undo_is_over(sent: Sent, ann: User) -> None:
    now = timezone.now()
    conversations.hide(ann, sent.conversation.uuid, now)
    ended(sent, now + LATER)
    assert words_of(str(sent.reply.uuid)) == ""
    assert Run.objects.get().state == Run.State.ENDED


def test_purge_waits_for_the_reply_and_then_takes_everything(sent: Sent, ann: User) -> None:
    now = timezone.now()
    conversations.hide(ann, sent.conversation.uuid, now)
    assert purge.purge_hidden(now + LATER) == 0
    with pytest.raises(NotFound):
        conversations.restore(ann, sent.conversation.uuid, now + timedelta(seconds=1))
    ended(sent, now + LATER)
    assert purge.purge_hidden(now + LATER) == 1
    assert Conversation.objects.count() == Message.objects.count() == Run.objects.count() == balance(ann).held == 0
    assert list(proof.differences()) == []


def test_retry_of_a_deleted_request_is_told_and_never_sent_again(sent: Sent, ann: User) -> None:
    now = timezone.now()
    again = draft(request_id=sent.run.request_id)
    conversations.hide(ann, sent.conversation.uuid, now)
    with pytest.raises(NotFound) as hidden:
        turns.send(ann, again, now)
    ended(sent, now + LATER)
    purge.purge_hidden(now + LATER)
    with pytest.raises(NotFound) as purged:
        turns.send(ann, again, now + LATER)
    assert hidden.value.code == purged.value.code == "conversation_not_found"
    assert Conversation.objects.count() == WrappedKey.objects.count() == 0
    assert Hold.objects.count() == UsageRecord.objects.count() == 1


def test_orphan_without_its_key_is_settled_and_its_text_is_not_written_over(sent: Sent, ann: User) -> None:
    body = bytes(Message.objects.get(pk=sent.reply.pk).body)
    vault.destroy([sent.conversation.uuid])
    assert len(orphans.end_all(timezone.now() + timedelta(minutes=2))) == 1
    assert bytes(Message.objects.get(pk=sent.reply.pk).body) == body
    assert balance(ann).held == 0


def test_orphan_whose_wrapping_key_is_missing_waits_for_it_alone(sent: Sent, ann: User) -> None:
    WrappedKey.objects.update(wrapping_key="0123456789abcdef")
    turns.send(ann, draft(), timezone.now())
    assert len(orphans.end_all(timezone.now() + timedelta(minutes=2))) == 1
    assert Run.objects.get(state=Run.State.RUNNING) == sent.run


def test_orphan_that_nobody_can_open_keeps_no_other_waiting(sent: Sent, ann: User) -> None:
    Message.objects.filter(pk=sent.reply.pk).update(body=b"\x02 not what was sealed")
    turns.send(ann, draft(), timezone.now())
    assert len(orphans.end_all(timezone.now() + timedelta(minutes=2))) == 2
    assert balance(ann).held == 0
