"""The outbox in the operators' console: what happened to mails, and another try for dead letters, on record."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import OutboxMail, User
from accounts.outbox import dead_letters, expiry, sending
from accounts.tests.outbox.mails import ANN, BOB, CODE, NOW, State, fresh, is_empty, posted, with_code
from accounts.tests.outbox.standin import MailServer
from caicaini import audit
from caicaini.models import AuditEvent
from conftest import SignIn

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/outboxmail/"


@pytest.fixture
def dead(server: MailServer) -> OutboxMail:
    server.meets(ANN, "550", "250 taken")
    mail = posted()
    sending.send_one(mail.uuid, NOW)
    return fresh(mail)


def try_again(client: Client, *mails: OutboxMail) -> Any:
    return client.post(LIST, {"action": "try_again", "_selected_action": [mail.pk for mail in mails]})


def test_an_operator_sees_what_became_of_a_mail_but_not_whose_it_is(
    dead: OutboxMail, ann: User, sam: User, sign_in: SignIn
) -> None:
    with_code(user=ann)
    client = sign_in(sam)
    for page in (LIST, *(f"{LIST}{mail.pk}/change/" for mail in OutboxMail.objects.all())):
        answer = client.get(page)
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "field-code" in text
        assert "rcpt_550" in text or "verify_email" in text
        for secret in (ANN, CODE, str(ann.uuid), "field-context", "field-address"):
            assert secret not in text


def test_others_do_not_get_in(dead: OutboxMail, ann: User, sign_in: SignIn) -> None:
    for page in (LIST, f"{LIST}{dead.pk}/change/"):
        assert Client().get(page).status_code == 302
        assert sign_in(ann).get(page, follow=True).status_code == 403
    try_again(Client(), dead)
    try_again(sign_in(ann), dead)
    assert fresh(dead).state == State.DEAD


def test_nobody_writes_changes_or_deletes_a_mail_by_hand(dead: OutboxMail, sam: User, sign_in: SignIn) -> None:
    client = sign_in(sam)
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{dead.pk}/change/", {"state": "sent"}).status_code == 403
    assert client.post(f"{LIST}{dead.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": [dead.pk], "post": "yes"})
    assert fresh(dead).state == State.DEAD
    assert client.get(f"{LIST}999999/change/").status_code == 302  # Django's way to say that it is not there


def test_a_dead_letter_is_tried_again_and_that_is_on_record(
    dead: OutboxMail, sam: User, sign_in: SignIn, server: MailServer
) -> None:
    answer = try_again(sign_in(sam), dead)
    assert answer.status_code == 302
    assert (fresh(dead).state, dead.attempts, dead.ended_at) == (State.WAITING, 0, None)
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.subject) == ("mail.tried_again", sam.uuid, str(dead.uuid))
    assert event.facts == {"kind": "password_changed", "code": "rcpt_550"}
    assert audit.first_break(AuditEvent.objects.order_by("sequence")) is None
    assert sending.send_due(max(dead.due_at, timezone.now())) == 1
    assert (fresh(dead).state, is_empty(dead)) == (State.SENT, True)


def test_only_dead_letters_are_tried_again(dead: OutboxMail, sam: User, sign_in: SignIn, server: MailServer) -> None:
    waiting, sent = posted(BOB), posted("cat@example.test")
    sending.send_one(sent.uuid, NOW)
    client = sign_in(sam)
    try_again(client, waiting, fresh(sent), dead)
    assert [fresh(mail).state for mail in (waiting, sent, dead)] == [State.WAITING, State.SENT, State.WAITING]
    assert AuditEvent.objects.count() == 1
    try_again(client, dead)
    assert AuditEvent.objects.count() == 1


def test_an_outdated_code_is_not_brought_back(sam: User, server: MailServer) -> None:
    server.meets(ANN, "550")
    mail = with_code()
    sending.send_one(mail.uuid, NOW)
    assert fresh(mail).expires_at is not None
    assert mail.expires_at is not None
    assert dead_letters.try_again([mail], mail.expires_at, sam.uuid) == 0
    expiry.expire(mail.expires_at)
    assert dead_letters.try_again([mail], NOW, sam.uuid) == 0
    assert not AuditEvent.objects.exists()


def test_who_may_only_look_may_not_try_again(dead: OutboxMail, bob: User, sign_in: SignIn) -> None:
    bob.is_staff = True
    bob.save()
    bob.user_permissions.add(Permission.objects.get(codename="view_outboxmail"))
    client = sign_in(bob)
    assert client.get(LIST).status_code == 200
    try_again(client, dead)
    assert fresh(dead).state == State.DEAD


def test_the_list_costs_the_same_however_many_rows(
    sam: User, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client = sign_in(sam)
    for number in range(30):
        posted(f"person-{number}@example.test")
    with django_assert_max_num_queries(10):
        assert client.get(LIST).status_code == 200
