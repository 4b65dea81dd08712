"""Posting: in the caller's transaction, sealed, and with nothing but an id in the queue."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
import time_machine
from django.conf import settings as configured
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from kombu.exceptions import OperationalError

from accounts import outbox
from accounts.models import OutboxMail, User
from accounts.outbox import letters, sealing
from accounts.outbox.posting import BadAddress
from accounts.outbox.tasks import send_due_mail, send_mail
from accounts.tests.outbox.mails import ANN, BOB, CODE, NOW, State, fresh, is_empty, posted, with_code
from accounts.tests.outbox.standin import MailServer
from caicaini.crypto import UnreadableError
from caicaini.gauges import QUEUE
from caicaini.models import JobSlot

pytestmark = pytest.mark.django_db


def queued() -> list[str]:
    """Give the messages in the queue, in a folder or in Redis, with their bodies decoded."""
    if configured.CELERY_BROKER_URL.startswith("redis"):
        with redis.Redis.from_url(configured.CELERY_BROKER_URL) as client:
            texts = [text.decode() for text in client.lrange(QUEUE, 0, -1)]
    else:
        folder = Path(configured.QUEUE_DIR) / "messages"
        texts = [path.read_text(encoding="utf-8") for path in folder.glob("*.msg")]
    return [text + base64.b64decode(json.loads(text)["body"]).decode() for text in texts]


def test_a_mail_waits_from_now_on_and_knows_whose_it_is(ann: User) -> None:
    mail = posted(user=ann)
    assert (mail.kind, mail.user, mail.state) == ("password_changed", ann, State.WAITING)
    assert (mail.created_at, mail.due_at, mail.expires_at, mail.attempts) == (NOW, NOW, None, 0)
    assert str(mail) == f"OutboxMail {mail.uuid}"


def test_address_and_context_are_sealed_in_the_row() -> None:
    mail = with_code("kanarie@example.test")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_outboxmail")
        row = repr(cursor.fetchall())
    assert "kanarie" not in row
    assert CODE not in row
    assert sealing.open_up(mail) == ("kanarie@example.test", {"code": CODE, "minutes": 15})


def test_what_is_sealed_opens_in_its_own_row_and_column_only(settings: Any) -> None:
    one, other = posted(ANN), posted(BOB)
    swapped = OutboxMail(uuid=other.uuid, address=one.address, context=one.context)
    crossed = OutboxMail(uuid=one.uuid, address=one.context, context=one.address)
    for mail in (swapped, crossed):
        with pytest.raises(UnreadableError):
            sealing.open_up(mail)
    settings.SECRET_KEY = "another" * 8
    with pytest.raises(UnreadableError):
        sealing.open_up(one)


@pytest.mark.django_db(transaction=True)
def test_only_an_id_goes_into_the_queue_and_only_after_the_commit() -> None:
    before = len(queued())
    with transaction.atomic():
        mail = with_code("kanarie@example.test")
        assert len(queued()) == before
    (message,) = [text for text in queued() if str(mail.uuid) in text]
    assert "accounts.outbox.tasks.send_mail" in message
    for secret in ("kanarie", CODE, "verify_email"):
        assert secret not in message


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_never_sent() -> None:
    before = len(queued())
    with transaction.atomic():
        posted()
        transaction.set_rollback(True)
    assert not OutboxMail.objects.exists()
    assert len(queued()) == before


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_is_down_delays_the_mail_and_disturbs_nobody(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_args: object, **_options: object) -> None:
        raise OperationalError

    monkeypatch.setattr("celery.app.task.Task.apply_async", unreachable)
    before = len(queued())
    mail = posted()
    with transaction.atomic():
        other = posted(BOB)
    assert len(queued()) == before
    with time_machine.travel(NOW, tick=False):
        send_due_mail()
    assert fresh(other).state == State.SENT
    assert (fresh(mail).state, len(server.taken)) == (State.SENT, 2)


def test_the_tasks_carry_it_out(server: MailServer) -> None:
    mail, lost, outdated = posted(), posted(BOB), with_code()
    with time_machine.travel(NOW, tick=False):
        send_mail(str(mail.uuid))
    assert (fresh(mail).state, fresh(lost).state) == (State.SENT, State.WAITING)
    with time_machine.travel(NOW + timedelta(minutes=15), tick=False):
        send_due_mail()
    assert (fresh(lost).state, fresh(outdated).state, is_empty(outdated)) == (State.SENT, State.EXPIRED, True)
    assert JobSlot.objects.get(job="accounts.mail").count == 1


@pytest.mark.parametrize("kind", ["no_such_mail", "", "_foot", "base", "../account/login", "verify_email.txt"])
def test_a_kind_without_its_two_templates_is_refused_by_name(kind: str) -> None:
    with pytest.raises(letters.UnknownKind, match=r"mail/.* is missing"):
        outbox.post(kind, ANN, None, NOW)
    assert not OutboxMail.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "ann@",
        "@example.test",
        "ann@example.test, bob@example.test",
        "ann@example.test;bob@example.test",
        "Ann <ann@example.test>",
        "<ann@example.test>",
        "ann@example.test\n",
        "ann@example.test\r\nBcc: bob@example.test",
        "ann\n@example.test",
        '"ann\x0b"@example.test',
        '"ann\x0c\x01"@example.test',
        "ann@example.test\x00",
        "ann@exa mple.test",
        "bob@example.test\u2028ann@example.test",
    ],
)
def test_what_is_not_one_address_is_refused_and_not_quoted(address: str) -> None:
    with pytest.raises(BadAddress) as caught:
        posted(address)
    assert "ann" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("value", [None, 1.5, b"bytes", ["list"], NOW])
def test_the_context_is_texts_and_whole_numbers(value: object) -> None:
    with pytest.raises(TypeError, match="device"):
        posted(kind="new_device", device=value)


@given(st.text())
def test_no_value_breaks_a_line(text: str) -> None:
    line = letters.on_one_line(text)
    assert len(line.splitlines()) <= 1
    assert len(line) == len(text)
    assert not {"\r", "\n", "\x00"} & set(line)
