"""Limits of one person: exact under races, never in the way of a retry, and gone when the counter is."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.models import User
from billing.accounts import account_of, balance, grant
from billing.models import Hold
from billing.rates import CREDIT
from caicaini import vault
from caicaini.errors import CaicainiError
from caicaini.models import WrappedKey
from chat import endings, limits, turns
from chat.failure_policy import Cause, decide
from chat.models import Conversation, Message, Run
from chat.providers import breaker
from chat.providers.base import Failure, FinishReason, Usage
from chat.providers.breaker import FAILURES
from chat.tests.conftest import MODEL, Read
from chat.turns import Draft, Sent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("catalogue")]
NOON = timezone.now().replace(second=15, microsecond=0) + timedelta(days=1)  # later than the prices


@pytest.fixture(autouse=True)
def configured(settings: Any) -> None:
    settings.ANTHROPIC_API_KEY = "never called"


def send(user: User, now: datetime | None = None, **fields: Any) -> Sent:
    wanted = {"request_id": uuid4(), "conversation": None, "model": MODEL, "text": "Name three rivers.", **fields}
    return turns.send(user, Draft(**wanted), now or timezone.now())


def refused(user: User, now: datetime | None = None, **fields: Any) -> CaicainiError:
    """Send what is refused, and see that it left nothing behind."""
    before = _everything(user)
    with pytest.raises(CaicainiError) as caught:
        send(user, now, **fields)
    assert _everything(user) == before
    return caught.value


def _everything(user: User) -> tuple[object, ...]:
    tables = (Conversation, Message, Run, Hold)
    return balance(user), *(table._default_manager.count() for table in tables), WrappedKey.objects.count()


def end(sent: Sent) -> None:
    assert sent.order
    ruling = decide(Cause.MODEL, FinishReason.DONE, Usage(10, 0, 0, 10), "Seine")
    endings.end_run(sent.run.uuid, sent.order.key, endings.Outcome(ruling, "Seine", "", "", 1, 2, 3), timezone.now())


def rich(user: User) -> None:
    grant(account_of(user), 10_000 * CREDIT, "demo", timezone.now())


def test_one_run_more_than_allowed_is_refused_until_one_ends(ann: User, bob: User, settings: Any) -> None:
    settings.MOST_RUNS_AT_ONCE = 2
    rich(ann)
    first = send(ann)
    send(ann)
    error = refused(ann)
    assert (error.code, error.status) == ("too_many_runs", 429)
    assert str(error.message).startswith("2 replies of yours are being written")
    assert send(bob).order
    end(first)
    assert send(ann).order
    assert refused(ann).code == "too_many_runs"


async def test_parallel_sends_never_make_more_runs_than_allowed(ann: User, settings: Any, read: Read) -> None:
    settings.MOST_RUNS_AT_ONCE = 5
    await read(lambda: rich(ann))

    async def attempt() -> str:
        try:
            await read(lambda: send(ann))
        except CaicainiError as error:
            return error.code
        return "made"

    codes = await asyncio.gather(*(attempt() for _ in range(20)))
    assert (codes.count("made"), codes.count("too_many_runs")) == (5, 15)
    assert await read(Run.objects.count) == await read(WrappedKey.objects.count) == 5


def test_retry_attaches_whatever_the_limits_say(ann: User, settings: Any) -> None:
    settings.MOST_RUNS_AT_ONCE = settings.SENDS_PER_MINUTE = 1
    first = send(ann, NOON)
    for _ in range(3):
        assert send(ann, NOON, request_id=first.run.request_id).run == first.run
    assert refused(ann, NOON).code == "too_many_sends"


def test_twin_that_was_slower_attaches_although_the_limits_are_reached(
    ann: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MOST_RUNS_AT_ONCE = settings.SENDS_PER_MINUTE = 1
    first = send(ann, NOON)
    real, asked = turns._earlier, list[UUID]()

    def too_early_to_know(user: User, request_id: UUID) -> Sent | None:
        asked.append(request_id)
        return real(user, request_id) if len(asked) > 1 else None

    monkeypatch.setattr(turns, "_earlier", too_early_to_know)
    assert send(ann, NOON, request_id=first.run.request_id).run == first.run


def test_sends_of_a_minute_are_counted_and_the_next_minute_is_a_new_one(ann: User, bob: User, settings: Any) -> None:
    settings.SENDS_PER_MINUTE = 3
    rich(ann)
    for _ in range(3):
        end(send(ann, NOON))
    error = refused(ann, NOON)
    assert (error.code, error.status, error.retry_after) == ("too_many_sends", 429, 45)
    assert error.as_dict()["retry_after"] == 45
    assert "send it again in 45 s" in str(error.message)
    assert send(bob, NOON).order
    assert refused(ann, NOON + timedelta(seconds=44)).retry_after == 1
    assert send(ann, NOON + timedelta(seconds=45)).order


def test_what_was_refused_for_another_reason_does_not_count(ann: User, settings: Any) -> None:
    settings.SENDS_PER_MINUTE = 2
    for _ in range(5):
        assert refused(ann, NOON, conversation=uuid4()).code == "conversation_not_found"
        assert refused(ann, NOON, model="no-such-model").code == "model_not_offered"
    send(ann, NOON)
    send(ann, NOON)
    for _ in range(5):
        assert refused(ann, NOON).code == "too_many_sends"
    assert cache.get(f"sends:{ann.uuid}:{int(NOON.timestamp()) // 60}") == 2


def test_without_the_cache_everybody_may_send(ann: User, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SENDS_PER_MINUTE = 1

    def down(*args: Any, **named: Any) -> None:
        raise ConnectionError

    backend = type(cache._connections[cache._alias])  # type: ignore[attr-defined]
    for name in ("add", "incr", "get_many"):
        monkeypatch.setattr(backend, name, down)
    assert send(ann, NOON).order
    assert send(ann, NOON).order


def test_send_that_could_not_be_counted_is_not_taken_back(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[int] = []

    def uncounted(key: str, step: int) -> int:
        steps.append(step)
        return 0

    monkeypatch.setattr(limits, "_add", uncounted)
    assert refused(ann, NOON, model="no-such-model").code == "model_not_offered"
    assert steps == [1]


def test_full_conversation_takes_no_more(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_MESSAGES", 4)
    first = send(ann)
    end(first)
    end(send(ann, conversation=first.conversation.uuid))
    error = refused(ann, conversation=first.conversation.uuid)
    assert (error.code, error.status) == ("conversation_full", 409)
    assert vault.read(first.conversation.uuid)


def test_provider_that_does_not_answer_is_not_asked_and_nothing_is_held(ann: User) -> None:
    usual = turns.quote(ann, None, MODEL, 18, timezone.now())
    for _ in range(FAILURES):
        breaker.of("anthropic").failed(Failure.UNAVAILABLE)
    error = refused(ann)
    assert (error.code, error.status, error.retry_after) == ("model_unavailable", 503, 20)
    assert "Try again in 20 s" in str(error.message)
    with pytest.raises(CaicainiError) as quoted:
        turns.quote(ann, None, MODEL, 18, timezone.now())
    assert quoted.value.code == "model_unavailable"
    breaker.of("anthropic").succeeded()
    assert turns.quote(ann, None, MODEL, 18, timezone.now()) == usual
    assert send(ann).run.held == usual.most
