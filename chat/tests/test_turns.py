"""One turn: what is asked of the model, what a retry gets, and what is said about the price beforehand."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from billing.accounts import account_of, grant
from billing.errors import InsufficientCredit
from caicaini.errors import CaicainiError
from chat import endings, history, saving, turns
from chat.failure_policy import Cause, decide
from chat.models import Conversation, Message, Run
from chat.providers.base import FinishReason, Usage
from chat.runlog import Snapshot
from chat.tests.conftest import MODEL
from chat.turns import Draft, Sent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("catalogue")]
LONG = "Ein längerer Text, 河流 und 🌊. " * 200


@pytest.fixture(autouse=True)
def configured(settings: Any) -> None:
    settings.ANTHROPIC_API_KEY = "never called"


def send(user: User, **fields: Any) -> Sent:
    wanted = {"request_id": uuid4(), "conversation": None, "model": MODEL, "text": "Name three rivers.", **fields}
    return turns.send(user, Draft(**wanted), timezone.now())


def end(sent: Sent, text: str) -> None:
    assert sent.order
    ruling = decide(Cause.MODEL, FinishReason.DONE, Usage(10, 0, 0, 10), text)
    outcome = endings.Outcome(ruling, text, "", "", 1, 2, 3)
    endings.end_run(sent.run.uuid, sent.order.key, outcome, timezone.now())


def test_reply_that_ends_while_the_history_is_read_is_not_sent_half_written(ann: User, monkeypatch: Any) -> None:
    first = send(ann)
    assert first.order
    saving.save_one(first.run.uuid, first.order.key, Snapshot(1, "Seine, Ni", ""), timezone.now())
    real = history.lines

    def read_then_ended(*args: Any) -> list[history.Line]:
        opened = real(*args)
        end(first, "Seine, Nile, Mekong.")
        return opened

    monkeypatch.setattr(history, "lines", read_then_ended)
    with pytest.raises(CaicainiError) as refused:
        send(ann, conversation=first.conversation.uuid)
    assert refused.value.code == "reply_running"


def test_retry_is_told_that_the_conversation_is_new_as_the_first_answer_said(ann: User) -> None:
    first = send(ann)
    again = send(ann, request_id=first.run.request_id)
    assert again.order is None
    assert first.is_new_conversation is again.is_new_conversation is True
    end(first, "Seine")
    second = send(ann, conversation=first.conversation.uuid)
    again = send(ann, request_id=second.run.request_id, conversation=first.conversation.uuid)
    assert second.is_new_conversation is again.is_new_conversation is False


def test_same_request_into_another_conversation_attaches_to_the_first(ann: User) -> None:
    one, other = send(ann), send(ann)
    end(one, "Seine")
    end(other, "Seine")
    request_id = uuid4()
    first = send(ann, request_id=request_id, conversation=one.conversation.uuid)
    second = send(ann, request_id=request_id, conversation=other.conversation.uuid)
    assert first.run == second.run
    assert second.order is None
    assert Message.objects.count() == 6


def test_two_people_may_use_the_same_request_id(ann: User, bob: User) -> None:
    request_id = uuid4()
    assert send(ann, request_id=request_id).run != send(bob, request_id=request_id).run
    assert Run.objects.count() == 2


def test_quote_is_the_hold_for_a_long_conversation_in_several_scripts(ann: User) -> None:
    first = send(ann, text=LONG)
    end(first, LONG * 5)
    conversation = first.conversation.uuid
    quoted = turns.quote(ann, conversation, MODEL, len(LONG.encode()), timezone.now())
    assert quoted.most == send(ann, conversation=conversation, text=LONG).run.held


def leave(user: User, credit: int) -> None:
    account = account_of(user)
    if credit != account.available:
        grant(account, credit - account.available, "correction", timezone.now())


@pytest.mark.parametrize("share", [1.0, 0.5, 0.3])
def test_quote_says_what_the_send_will_hold_when_the_balance_is_small(share: float, ann: User) -> None:
    usual = turns.quote(ann, None, MODEL, 18, timezone.now())
    leave(ann, int(usual.most * share))
    quoted = turns.quote(ann, None, MODEL, 18, timezone.now())
    sent = send(ann)
    assert quoted.is_affordable
    assert quoted.is_shortened is (share < 1)
    assert quoted.most == sent.run.held <= int(usual.most * share)


def test_quote_is_unaffordable_exactly_when_the_send_is_refused(ann: User) -> None:
    usual = turns.quote(ann, None, MODEL, 18, timezone.now())
    leave(ann, 10)
    with pytest.raises(InsufficientCredit) as refused:
        send(ann)
    least = refused.value.needed
    leave(ann, least - 1)
    quoted = turns.quote(ann, None, MODEL, 18, timezone.now())
    assert (quoted.is_affordable, quoted.is_shortened, quoted.most) == (False, False, usual.most)
    with pytest.raises(InsufficientCredit):
        send(ann)
    leave(ann, least)
    quoted = turns.quote(ann, None, MODEL, 18, timezone.now())
    assert (quoted.is_affordable, quoted.is_shortened, quoted.most) == (True, True, least)
    assert send(ann).run.held == least
    assert Conversation.objects.count() == 1
