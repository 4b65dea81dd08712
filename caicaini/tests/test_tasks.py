"""Only ids get into the queue, whatever way a task is sent."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from celery import signature
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from caicaini.celery import app
from caicaini.tasks import GuardedTask, forget_ended_sessions, forget_old_slots
from conftest import SignIn

SENT_AT_EVENTS = ["accounts.outbox.tasks.send_mail"]
ID = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")


@pytest.fixture
def beyond_the_guard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Any]]:
    """Give what reaches Celery itself, which would put it into the queue."""
    sent: list[tuple[Any, Any]] = []
    monkeypatch.setattr(
        "celery.app.task.Task.apply_async", lambda _self, args=None, kwargs=None, **_o: sent.append((args, kwargs))
    )
    return sent


def test_every_task_of_ours_is_guarded() -> None:
    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert "privacy.tasks.purge_hidden_conversations" in ours
    assert {name for name, task in ours.items() if not isinstance(task, GuardedTask)} == set()


def test_everything_on_the_schedule_is_a_task_and_every_other_task_is_sent_when_something_happens() -> None:
    app.loader.import_default_modules()
    scheduled = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    ours = [name for name in app.tasks if not name.startswith("celery.")]
    assert sorted([*scheduled, *SENT_AT_EVENTS]) == sorted(ours)


@pytest.mark.parametrize("value", [1, 0, -5, True, ID, str(ID), ID.hex])
def test_ids_pass(value: object, beyond_the_guard: list[tuple[Any, Any]]) -> None:
    forget_old_slots.delay(value)
    forget_old_slots.apply_async(kwargs={"run": value})
    assert beyond_the_guard == [((value,), {}), (None, {"run": value})]


@pytest.mark.parametrize(
    "value",
    [
        "a sentence",
        "ann@example.test",
        "",
        "203.0.113.7",
        "42",
        1.5,
        None,
        b"bytes",
        {"id": 1},
        [ID],
        (1, 2),
        {ID},
        timezone.now(),
        str(ID) + "!",
    ],
)
def test_anything_else_is_refused_and_not_quoted(value: object, beyond_the_guard: list[tuple[Any, Any]]) -> None:
    sends = [
        lambda: forget_old_slots.delay(value),
        lambda: forget_old_slots.delay(1, value),
        lambda: forget_old_slots.delay(conversation=value),
        lambda: forget_old_slots.apply_async((value,)),
        lambda: forget_old_slots.s(value).apply_async(),
        lambda: forget_old_slots.si(value).delay(),
        lambda: signature("caicaini.tasks.forget_old_slots", args=(value,), app=app).apply_async(),
    ]
    for send in sends:
        with pytest.raises(TypeError) as caught:
            send()
        assert str(caught.value) == "task arguments are ids: integers or uuids"
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert beyond_the_guard == []


@given(st.text())
def test_no_text_passes_for_an_id(text: str) -> None:
    try:
        is_id = bool(UUID(text))
    except ValueError:
        is_id = False
    if not is_id:
        with pytest.raises(TypeError):
            forget_old_slots.delay(text)


@pytest.mark.django_db(transaction=True)
def test_a_task_sent_on_commit_waits_for_the_commit(beyond_the_guard: list[tuple[Any, Any]]) -> None:
    with transaction.atomic():
        forget_old_slots.delay_on_commit(7)
        assert beyond_the_guard == []
    assert beyond_the_guard == [((7,), {})]


@pytest.mark.skipif(not settings.CELERY_BROKER_URL.startswith("filesystem"), reason="the queue is Redis here")
def test_a_message_on_disk_holds_the_name_of_the_task_and_the_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forget_old_slots, "typing", False)  # it takes no arguments, and nobody will carry this out
    folder = Path(settings.QUEUE_DIR) / "messages"
    before = set(folder.iterdir())
    forget_old_slots.delay(ID)
    (message,) = set(folder.iterdir()) - before
    text = message.read_text(encoding="utf-8")
    message.unlink()
    assert "caicaini.tasks.forget_old_slots" in text
    assert str(ID) in text
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.django_db
def test_ended_sessions_are_forgotten_and_living_ones_stay(ann: User, sign_in: SignIn) -> None:
    living: Client = sign_in(ann)
    sign_in(ann)
    ended = Session.objects.exclude(session_key=living.session.session_key)
    ended.update(expire_date=timezone.now() - timedelta(seconds=1))
    forget_ended_sessions()
    assert Session.objects.get().session_key == living.session.session_key
