"""Sending by real SMTP: once, whatever the server says, and never an outdated code."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection

from accounts.models import OutboxMail, User
from accounts.outbox import expiry, sending
from accounts.outbox.refusals import Refusal, understand
from accounts.outbox.sending import LEASE, MOST_ATTEMPTS, OUTAGE, PAUSES
from accounts.tests.outbox.mails import ANN, BOB, CODE, NOW, State, fresh, is_empty, posted, with_code
from accounts.tests.outbox.standin import DROP, HANG, HANG_AFTER_DATA, MailServer
from billing.tests.threads import at_once
from tools import ports

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def test_a_mail_arrives_with_both_parts_and_is_emptied(server: MailServer, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL, settings.MAIL_REPLY_TO = "Caicaini <mail@caicaini.test>", "help@caicaini.test"
    mail = with_code()
    assert sending.send_one(mail.uuid, NOW)
    (message,) = server.taken
    assert (message["To"], message["From"]) == (ANN, "Caicaini <mail@caicaini.test>")
    assert message["Reply-To"] == "help@caicaini.test"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == f"<{mail.uuid}@caicaini.test>"
    assert message["Date"].datetime == NOW
    assert message["Subject"] == "Your code for Caicaini"
    parts = {part.get_content_type(): part.get_content() for part in message.iter_parts()}
    assert list(parts) == ["text/plain", "text/html"]
    assert all(CODE in text for text in parts.values())
    sent = fresh(mail)
    assert (sent.state, sent.attempts, sent.code, is_empty(sent)) == (State.SENT, 1, "", True)
    assert sent.ended_at is not None


def test_nothing_more_happens_to_a_sent_mail(server: MailServer) -> None:
    mail = posted()
    assert sending.send_one(mail.uuid, NOW)
    before = fresh(mail).__dict__ | {"_state": None}
    for minutes in (0, 1, 10, 10_000):
        assert not sending.send_one(mail.uuid, NOW + minutes * MINUTE)
        assert sending.send_due(NOW + minutes * MINUTE) == 0
    assert fresh(mail).__dict__ | {"_state": None} == before
    assert len(server.seen) == 1


def test_an_unknown_mail_is_no_error(server: MailServer) -> None:
    assert not sending.send_one(uuid4(), NOW)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("workers", [2, 8])
def test_of_several_workers_one_sends(workers: int, server: MailServer) -> None:
    for _ in range(3):
        mail = posted()
        results = at_once(workers, lambda _number, mail=mail: sending.send_one(mail.uuid, NOW))  # type: ignore[misc]
        assert sorted(map(str, results)) == ["False"] * (workers - 1) + ["True"]
    assert len({message["Message-ID"] for message in server.seen}) == len(server.seen) == 3


@pytest.mark.django_db(transaction=True)
def test_workers_that_go_through_what_is_due_share_it(server: MailServer) -> None:
    for number in range(20):
        posted(f"person-{number}@example.test")
    results = at_once(4, lambda _number: sending.send_due(NOW))
    assert sum(result for result in results if isinstance(result, int)) == 20
    assert sorted(server.tries.values()) == [1] * 20
    assert len(server.taken) == 20


@pytest.mark.parametrize(
    ("fate", "code"),
    [("550", "rcpt_550"), ("552", "rcpt_552"), ("553", "rcpt_553"), ("data 552", "data_552"), ("data 554", "data_554")],
)
def test_a_final_refusal_makes_a_dead_letter_at_once(fate: str, code: str, server: MailServer) -> None:
    server.meets(ANN, fate)
    mail = posted()
    assert not sending.send_one(mail.uuid, NOW)
    dead = fresh(mail)
    assert (dead.state, dead.code, dead.attempts) == (State.DEAD, code, 1)
    assert not is_empty(dead)  # or nobody could try again
    assert sending.send_due(NOW + timedelta(days=2)) == 0
    assert server.tries[ANN] == 1


@pytest.mark.parametrize(("fate", "code"), [("450", "rcpt_450"), ("421", "rcpt_421"), ("data 451", "data_451")])
def test_a_refusal_for_now_is_tried_again_after_a_pause(fate: str, code: str, server: MailServer) -> None:
    server.meets(ANN, fate, "250 taken")
    mail = posted()
    assert not sending.send_one(mail.uuid, NOW)
    waiting = fresh(mail)
    assert (waiting.state, waiting.code, waiting.due_at) == (State.WAITING, code, NOW + PAUSES[0])
    assert sending.send_due(NOW + PAUSES[0] - timedelta(seconds=1)) == 0
    assert server.tries[ANN] == 1
    assert sending.send_due(NOW + PAUSES[0]) == 1
    assert (fresh(mail).state, mail.attempts, mail.code) == (State.SENT, 2, "")


def test_pauses_grow_and_in_the_end_it_is_a_dead_letter(server: MailServer) -> None:
    server.meets(ANN, "450")
    mail = posted()
    now, pauses = NOW, []
    while fresh(mail).state == State.WAITING:
        now = mail.due_at
        sending.send_due(now)
        pauses.append(fresh(mail).due_at - now)
    assert tuple(pauses[:-1]) == PAUSES == tuple(sorted(PAUSES))
    assert (mail.state, mail.code, mail.attempts) == (State.DEAD, "rcpt_450", MOST_ATTEMPTS)
    assert server.tries[ANN] == MOST_ATTEMPTS


def test_a_refusal_of_one_does_not_stop_the_others(server: MailServer) -> None:
    others = [f"person-{number}@example.test" for number in range(4)]
    for number, fate in enumerate(("550", "450", "data 552", "250 taken")):
        server.meets(others[number], fate)
    for address in (*others, ANN, BOB):
        posted(address)
    assert sending.send_due(NOW) == 3
    assert {message["To"] for message in server.taken} == {others[3], ANN, BOB}


@pytest.mark.parametrize("fate", [HANG, HANG_AFTER_DATA])
def test_a_server_that_hangs_is_left_in_time(fate: str, server: MailServer, settings: Any) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    server.meets(ANN, fate)
    mail = posted()
    assert not sending.send_one(mail.uuid, NOW)
    waiting = fresh(mail)
    assert (waiting.state, waiting.code, waiting.met_outage) == (State.WAITING, "timeout", True)


def test_an_answer_that_was_lost_is_repeated_under_the_same_id(server: MailServer) -> None:
    """The server has the mail, and nobody knows: the worker, or the line, died before its answer."""
    server.meets(ANN, DROP, "250 taken")
    mail = posted()
    assert not sending.send_one(mail.uuid, NOW)
    assert (fresh(mail).state, mail.code) == (State.WAITING, "lost")
    assert sending.send_due(NOW + PAUSES[0]) == 1
    first, second = server.seen
    for header in ("Message-ID", "Date", "Subject", "To"):
        assert first[header] == second[header]
    assert (fresh(mail).state, mail.attempts) == (State.SENT, 2)


def test_a_worker_that_dies_leaves_its_mail_to_the_next_after_the_lease(server: MailServer) -> None:
    mail = posted()
    assert OutboxMail.objects.filter(pk=mail.pk).claim(NOW, NOW + LEASE)  # and that was its last deed
    assert sending.send_due(NOW + LEASE - timedelta(seconds=1)) == 0
    assert sending.send_due(NOW + LEASE) == 1
    assert (fresh(mail).state, mail.attempts) == (State.SENT, 2)


def test_a_mail_that_kills_every_worker_is_given_up(server: MailServer) -> None:
    mail = posted()
    now = NOW
    for _ in range(MOST_ATTEMPTS):
        assert OutboxMail.objects.filter(pk=mail.pk).claim(now, now + LEASE)
        now += LEASE
    assert sending.send_due(now) == 0
    assert (fresh(mail).state, mail.code) == (State.DEAD, "crashed")
    assert server.seen == []


def two_claims() -> tuple[OutboxMail, OutboxMail]:
    """Give a mail as a slow worker holds it, and as the one does who took it over."""
    mail = posted()
    rows = OutboxMail.objects.filter(pk=mail.pk)
    assert rows.claim(NOW, NOW + LEASE)
    slow = rows.get()
    assert rows.claim(NOW + LEASE, NOW + 2 * LEASE)
    return slow, rows.get()


@pytest.mark.parametrize("refusal", [sending.CRASHED, understand(TimeoutError())])
def test_what_a_slow_worker_was_refused_counts_no_more(refusal: Refusal) -> None:
    slow, quick = two_claims()
    before = OutboxMail.objects.values().get()
    sending._note(slow, refusal, NOW)
    assert OutboxMail.objects.values().get() == before
    sending._note_sent(quick)
    sending._note(slow, refusal, NOW)
    assert (fresh(quick).state, quick.code, quick.attempts) == (State.SENT, "", 2)


def test_what_a_slow_worker_did_send_is_sent() -> None:
    slow, quick = two_claims()
    sending._note_sent(slow)
    sending._note(quick, sending.CRASHED, NOW)
    assert (fresh(quick).state, quick.code, is_empty(quick)) == (State.SENT, "", True)


def test_an_outdated_code_is_not_sent_and_not_kept(server: MailServer) -> None:
    mail, other = with_code(), posted(BOB)
    late = NOW + timedelta(minutes=15)
    assert not sending.send_one(mail.uuid, late)
    assert expiry.expire(late) == 1
    assert sending.send_due(late) == 1
    assert [message["To"] for message in server.seen] == [BOB]
    assert (fresh(mail).state, is_empty(mail), mail.ended_at) == (State.EXPIRED, True, late)
    assert fresh(other).state == State.SENT


def test_a_code_that_is_still_valid_is_sent(server: MailServer) -> None:
    mail = with_code()
    assert sending.send_one(mail.uuid, NOW + timedelta(minutes=14, seconds=59))
    assert expiry.expire(NOW + timedelta(days=1)) == 0
    assert fresh(mail).state == State.SENT


def test_a_dead_letter_loses_its_code_too(server: MailServer) -> None:
    server.meets(ANN, "550")
    mail = with_code()
    sending.send_one(mail.uuid, NOW)
    assert not is_empty(fresh(mail))
    assert expiry.expire(NOW + timedelta(minutes=15)) == 1
    assert (fresh(mail).state, is_empty(mail)) == (State.EXPIRED, True)


def test_during_an_outage_new_mails_wait_for_the_job_and_it_tries_one_a_turn(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = ports.HOST, ports.any_free()
    first, second, third = (posted(f"person-{number}@example.test") for number in range(3))
    assert not sending.send_one(first.uuid, NOW)
    assert (fresh(first).code, first.met_outage) == ("connect", True)
    assert not sending.send_one(second.uuid, NOW + timedelta(seconds=1))
    assert fresh(second).attempts == 0  # nobody waited for a server that does not answer
    assert sending.send_due(NOW + timedelta(seconds=30)) == 0
    assert [fresh(second).attempts, fresh(third).attempts] == [1, 0]


def test_after_an_outage_everything_goes_at_once_again(server: MailServer, settings: Any) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, ports.any_free()
    first, second, third = (posted(f"person-{number}@example.test") for number in range(3))
    sending.send_one(first.uuid, NOW)
    settings.EMAIL_PORT = port
    assert sending.send_due(NOW + MINUTE) == 3
    assert not sending.is_down(NOW + MINUTE)
    assert [fresh(mail).state for mail in (first, second, third)] == [State.SENT] * 3


def test_an_old_outage_holds_nobody_up(server: MailServer) -> None:
    server.meets(BOB, DROP)
    sending.send_one(posted(BOB).uuid, NOW)
    assert sending.is_down(NOW + OUTAGE - timedelta(seconds=1))
    assert sending.send_one(posted(now=NOW + OUTAGE).uuid, NOW + OUTAGE)


def test_a_refused_sender_is_our_mistake_and_kills_no_mail(server: MailServer) -> None:
    server.sender_reply = "550 5.7.1 not from you"
    mail = posted()
    sending.send_one(mail.uuid, NOW)
    assert (fresh(mail).state, mail.code, mail.met_outage) == (State.WAITING, "sender_550", True)
    server.sender_reply = "250 taken"
    assert sending.send_due(mail.due_at) == 1


def test_a_changed_secret_makes_a_dead_letter(server: MailServer, settings: Any) -> None:
    mail = posted()
    settings.SECRET_KEY = "another" * 8
    assert not sending.send_one(mail.uuid, NOW)
    assert (fresh(mail).state, mail.code) == (State.DEAD, "unreadable")


def test_a_template_that_was_removed_makes_a_dead_letter(server: MailServer) -> None:
    mail, other = posted(), posted(BOB)
    OutboxMail.objects.filter(pk=mail.pk).update(kind="long_gone")
    assert sending.send_due(NOW) == 1
    assert (fresh(mail).state, mail.code) == (State.DEAD, "template")
    assert fresh(other).state == State.SENT


def test_the_turn_ends_when_its_time_is_up(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "BUDGET", timedelta(seconds=-1))
    mail = posted()
    assert sending.send_due(NOW) == 0
    assert fresh(mail).attempts == 0


def test_what_is_due_is_found_by_an_index(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1) as captured:
        sending.send_due(NOW)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {captured[0]['sql']}")
            assert "mail_by_state_and_due" in str(cursor.fetchall())


def test_rows_go_after_thirty_days_and_not_before(ann: User) -> None:
    mail = posted(user=ann)
    assert expiry.forget_old(NOW + timedelta(days=30)) == 0
    assert expiry.forget_old(NOW + timedelta(days=30, seconds=1)) == 1
    assert not OutboxMail.objects.filter(pk=mail.pk).exists()


@pytest.mark.parametrize("fate", ["250 taken", "550", "450", "421", "data 552", DROP, HANG])
def test_the_log_and_the_rows_tell_neither_address_nor_code_nor_what_the_server_said(
    fate: str, server: MailServer, settings: Any, output: io.StringIO
) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    server.meets("kanarie@example.test", fate)
    mail = with_code("kanarie@example.test")
    sending.send_one(mail.uuid, NOW)
    assert str(mail.uuid) in output.getvalue()
    assert "kind=verify_email" in output.getvalue()
    for secret in ("kanarie", "KANARIE", "mailbox"):
        assert secret not in output.getvalue() + _row(mail) + _cached()


def _cached() -> str:
    stored: Any = cache
    return repr(stored.keys("*") if hasattr(stored, "keys") else stored._cache)


def _row(mail: OutboxMail) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_outboxmail WHERE id = %s", [mail.pk])
        return repr(cursor.fetchone())
