"""Snapshots of many runs in one transaction: each gets its own, and learns whether it should go on."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from billing import seeds as price_seeds
from caicaini import crypto
from chat import conversations, orphans, saving, turns
from chat import seeds as model_seeds
from chat.content import ContentKey
from chat.history import open_line
from chat.models import Message, Run
from chat.runlog import RunLog, Snapshot
from chat.saving import Progress, Saved
from chat.turns import Draft, Sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(ann: User) -> list[Sent]:
    """Three runs that nobody executes."""
    model_seeds.seed()
    price_seeds.seed(timezone.now())
    return [turns.send(ann, Draft(uuid4(), None, "demo", f"Question {number}"), timezone.now()) for number in range(3)]


def progress(sent: Sent, seq: int, text: str | None) -> Progress:
    assert sent.order
    return Progress(sent.run.uuid, sent.order.key, seq, None if text is None else Snapshot(seq, text, ""))


def words_of(sent: Sent) -> str:
    row = Message.objects.select_related("conversation").get(pk=sent.reply.pk)
    return open_line(row, None, conversations.key_of(row.conversation)).text


def test_each_run_gets_its_own_text_and_position(three: list[Sent]) -> None:
    made = [progress(sent, number + 1, f"answer {number}") for number, sent in enumerate(three)]
    assert saving.save_all(made, timezone.now()) == set()
    assert [words_of(sent) for sent in three] == ["answer 0", "answer 1", "answer 2"]
    assert list(Run.objects.order_by("pk").values_list("log_position", flat=True)) == [1, 2, 3]


def test_without_news_only_the_sign_of_life_is_stored(three: list[Sent]) -> None:
    saving.save_all([progress(three[0], 4, "kept")], timezone.now())
    later = timezone.now()
    saving.save_all([progress(three[0], 4, None)], later)
    assert words_of(three[0]) == "kept"
    assert Run.objects.get(pk=three[0].run.pk).heartbeat_at == later


def test_only_those_that_should_end_are_named(three: list[Sent], ann: User) -> None:
    hidden, stopped, going_on = three
    conversations.hide(ann, hidden.conversation.uuid, timezone.now())
    Run.objects.filter(pk=stopped.run.pk).update(stop_asked_at=timezone.now())
    made = [progress(sent, 1, "x") for sent in three]
    assert saving.save_all(made, timezone.now()) == {hidden.run.uuid, stopped.run.uuid}
    assert words_of(going_on) == "x"


def test_a_run_that_was_ended_elsewhere_is_left_as_it_is(three: list[Sent]) -> None:
    moment = three[0].run.started_at + 2 * orphans.DEAD_AFTER
    orphans.end_all(moment)
    assert saving.save_all([progress(three[0], 9, "late")], timezone.now()) == {three[0].run.uuid}
    assert words_of(three[0]) == ""


def turns_of(count: int, rounds: int) -> list[list[Saved]]:
    """Let runs that began together be saved turn by turn; each turn stores at once."""
    key = ContentKey(uuid4(), crypto.new_key())
    runs = [Saved(uuid4(), key, RunLog(), lambda: None, saved_at=0.0) for _ in range(count)]
    found = []
    for turn in range(1, rounds + 1):
        found.append(saving.due_of(runs, turn * saving.SAVE_EVERY / saving.TURNS))
        for saved in found[-1]:
            saved.saved_at = turn * saving.SAVE_EVERY / saving.TURNS
    return found


def test_runs_that_began_together_are_soon_spread_over_the_turns() -> None:
    turns = turns_of(100, 12)
    assert [len(saved) for saved in turns[4:]] == [25] * 8
    for four in (turns[number : number + 4] for number in range(9)):
        assert len({saved.run for turn in four for saved in turn}) == 100  # all of them, within two seconds


def test_few_runs_are_saved_every_two_seconds() -> None:
    assert [len(saved) for saved in turns_of(3, 8)] == [0, 0, 0, 3] * 2
