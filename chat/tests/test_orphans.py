"""Runs whose process died: ended once, with the saved text, and settled in the customer's favour."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from billing import proof
from billing import seeds as price_seeds
from billing.accounts import balance
from caicaini import vault
from chat import conversations, endings, orphans, turns
from chat import seeds as model_seeds
from chat.failure_policy import estimate_received
from chat.history import open_line
from chat.models import Message, Run
from chat.orphans import Lookout
from chat.turns import Draft, Sent

pytestmark = pytest.mark.django_db
SECONDS = timedelta(seconds=1)


@pytest.fixture
def sent(ann: User) -> Sent:
    """A run that nobody executes, as after kill -9."""
    model_seeds.seed()
    price_seeds.seed(timezone.now())
    return turns.send(ann, Draft(uuid4(), None, "demo", "Name three rivers."), timezone.now())


def words_of(message: Message) -> str:
    row = Message.objects.select_related("conversation").get(pk=message.pk)
    return open_line(row, None, conversations.key_of(row.conversation)).text


def test_living_run_is_left_alone(sent: Sent) -> None:
    assert orphans.end_all(sent.run.started_at + 59 * SECONDS) == []


def test_saved_text_is_kept_and_billed_as_an_estimate_without_input(sent: Sent, ann: User) -> None:
    assert sent.order
    endings.save_progress(sent.run.uuid, sent.order.key, "Seine, Nile, ", "", 3, sent.run.started_at + 2 * SECONDS)
    assert orphans.end_all(sent.run.started_at + 63 * SECONDS) == [sent.run]
    run = Run.objects.get(pk=sent.run.pk)
    assert (run.end, run.rule, run.usage_source) == ("interrupted", "interrupted", "estimated")
    assert (run.input_tokens, run.output_tokens) == (0, estimate_received("Seine, Nile, "))
    assert words_of(sent.reply) == "Seine, Nile, "
    assert balance(ann).held == 0
    assert list(proof.differences()) == []


def test_run_that_never_said_anything_costs_nothing(sent: Sent, ann: User) -> None:
    before = balance(ann)
    orphans.end_all(sent.run.started_at + 61 * SECONDS)
    after = balance(ann)
    assert after.available == before.available + before.held
    assert Run.objects.get(pk=sent.run.pk).rule == "interrupted_early"


def test_second_reaper_changes_nothing(sent: Sent) -> None:
    moment = sent.run.started_at + 61 * SECONDS
    assert [orphans.end_all(moment), orphans.end_all(moment)] == [[sent.run], []]


def test_run_that_comes_back_to_life_learns_that_it_was_ended(sent: Sent) -> None:
    assert sent.order
    orphans.end_all(sent.run.started_at + 61 * SECONDS)
    assert endings.save_progress(sent.run.uuid, sent.order.key, "late", "", 9, timezone.now()) is False
    assert words_of(sent.reply) == ""


def test_orphan_of_a_destroyed_conversation_is_still_settled(sent: Sent, ann: User) -> None:
    conversations.hide(ann, sent.conversation.uuid, timezone.now())
    vault.destroy([sent.conversation.uuid])
    assert orphans.end_all(sent.run.started_at + 63 * SECONDS) == [sent.run]
    assert balance(ann).held == 0


def test_lookout_ends_a_run_that_stood_still_before_its_own_eyes(sent: Sent) -> None:
    lookout, started = Lookout(), sent.run.started_at
    assert lookout.look(started + 2 * SECONDS, 0.0) == []
    assert lookout.look(started + 6 * SECONDS, 4.0) == [], "late, but seen for the first time"
    assert lookout.look(started + 11 * SECONDS, 9.0) == [], "five seconds are not enough"
    assert lookout.look(started + 15 * SECONDS, 12.5) == [sent.run]
    assert lookout.look(started + 18 * SECONDS, 16.0) == []


def test_lookout_leaves_a_run_alone_that_shows_itself_again(sent: Sent) -> None:
    assert sent.order
    lookout, started = Lookout(), sent.run.started_at
    lookout.look(started + 6 * SECONDS, 0.0)
    endings.save_progress(sent.run.uuid, sent.order.key, "Seine", "", 1, started + 7 * SECONDS)
    assert lookout.look(started + 13 * SECONDS, 7.0) == []
    assert lookout.look(started + 16 * SECONDS, 10.0) == []


def test_lookout_begins_anew_after_the_database_was_away(sent: Sent) -> None:
    lookout, started = Lookout(), sent.run.started_at
    lookout.look(started + 6 * SECONDS, 0.0)
    lookout.forget()
    assert lookout.look(started + 60 * SECONDS, 54.0) == []
    assert lookout.look(started + 69 * SECONDS, 63.0) == [sent.run]


def test_run_that_another_process_wants_stopped_learns_so(sent: Sent) -> None:
    assert sent.order
    Run.objects.filter(pk=sent.run.pk).update(stop_asked_at=timezone.now())
    assert endings.save_progress(sent.run.uuid, sent.order.key, "Seine", "", 1, timezone.now()) is False
