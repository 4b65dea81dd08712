"""What becomes of credit when an account closes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import closing
from accounts.models import User
from accounts.tests.walking import prove
from billing import refunds
from billing.accounts import account_of, grant
from billing.errors import NothingToRefund
from billing.models import LedgerAccount, LedgerEntry, RefundRequest
from billing.rates import CREDIT
from billing.tests.factories import NOW, assert_books_agree
from caicaini.models import AuditEvent
from conftest import SignIn

pytestmark = pytest.mark.django_db
ASK = "/billing/refund/"
CONSOLE = "/admin/billing/refundrequest/"


@pytest.fixture
def account(ann: User) -> LedgerAccount:
    return account_of(ann)


@pytest.fixture
def asked(ann: User, account: LedgerAccount) -> RefundRequest:
    closing.announce(ann, NOW)
    return refunds.ask(ann, NOW)


def free(account: LedgerAccount) -> int:
    account.refresh_from_db()
    return account.available


def test_a_refund_is_asked_for_while_the_account_closes(ann: User, sign_in: SignIn) -> None:
    closing.announce(ann, timezone.now())
    assert sign_in(ann).post(ASK).headers["Location"] == "/account/close/"
    request = RefundRequest.objects.get()
    assert (request.amount, request.state) == (100 * CREDIT, "asked")
    assert request.account == account_of(ann)


def test_asking_twice_is_asking_once(ann: User, asked: RefundRequest) -> None:
    assert refunds.ask(ann, NOW + timedelta(days=1)) == asked


def test_the_database_keeps_a_second_open_request_out(asked: RefundRequest) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RefundRequest.objects.create(account=asked.account, amount=1, asked_at=NOW)


def test_nobody_else_can_ask(ann: User, bob: User, sign_in: SignIn) -> None:
    with pytest.raises(NothingToRefund):
        refunds.ask(ann, NOW)
    sign_in(ann).post(ASK)
    closing.announce(bob, NOW)
    grant(account_of(bob), -100 * CREDIT, "correction", NOW)
    with pytest.raises(NothingToRefund):
        refunds.ask(bob, NOW)
    with pytest.raises(NothingToRefund):
        refunds.ask(bob, NOW + timedelta(days=10))
    assert not RefundRequest.objects.exists()


def test_it_is_too_late_when_the_account_is_due(ann: User) -> None:
    closing.announce(ann, NOW)
    with pytest.raises(NothingToRefund):
        refunds.ask(ann, NOW + timedelta(days=10))


def test_whoever_keeps_the_account_takes_the_request_back(ann: User, asked: RefundRequest) -> None:
    closing.cancel(ann, NOW + timedelta(days=1))
    asked.refresh_from_db()
    assert (asked.state, asked.is_open) == ("withdrawn", None)
    closing.announce(ann, NOW + timedelta(days=2))
    assert refunds.ask(ann, NOW + timedelta(days=2)) != asked


def test_the_closing_page_offers_it_and_then_says_that_it_was_asked_for(ann: User, sign_in: SignIn) -> None:
    client = sign_in(ann)
    prove(client, ann)
    assert ASK not in client.get("/account/close/").content.decode()
    client.post("/account/close/", {"confirmation": "ann"})
    assert ASK in client.get("/account/close/").content.decode()
    client.post(ASK)
    page = client.get("/account/close/").content.decode()
    assert "You asked for a refund" in page
    assert ASK not in page


@pytest.mark.parametrize(
    ("action", "state", "left", "entries"),
    [("mark_refunded", "refunded", 0, ["grant", "refund"]), ("decline", "declined", 100 * CREDIT, ["grant"])],
)
def test_an_operator_answers_and_it_is_audited(
    action: str,
    state: str,
    left: int,
    entries: list[str],
    asked: RefundRequest,
    account: LedgerAccount,
    sam: User,
    sign_in: SignIn,
) -> None:
    console = sign_in(sam)
    page = console.get(CONSOLE)
    assert str(asked.uuid) in page.content.decode()
    for _twice in range(2):
        assert console.post(CONSOLE, {"action": action, "_selected_action": [asked.pk]}).status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.is_open) == (state, None)
    assert free(account) == left
    assert_books_agree(account)
    assert list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True)) == entries
    event = AuditEvent.objects.get(action="billing.refund_answered")
    assert (event.actor, event.subject) == (sam.uuid, str(account.uuid))
    assert event.facts == {"state": state, "amount": 100 * CREDIT - left}


def test_an_operator_without_the_right_answers_nothing(asked: RefundRequest, bob: User, sign_in: SignIn) -> None:
    bob.is_staff = True
    bob.save(update_fields=["is_staff"])
    answer = sign_in(bob).post(CONSOLE, {"action": "mark_refunded", "_selected_action": [asked.pk]})
    assert answer.status_code == 403
    asked.refresh_from_db()
    assert asked.is_open


def test_what_nobody_asked_for_is_written_off_once(account: LedgerAccount) -> None:
    assert refunds.write_off(account, NOW) == 100 * CREDIT
    assert refunds.write_off(account, NOW) == 0
    assert free(account) == 0
    assert_books_agree(account)
    assert LedgerEntry.objects.get(kind="write_off").amount == -100 * CREDIT


def test_nothing_is_written_off_while_a_refund_waits(asked: RefundRequest, account: LedgerAccount) -> None:
    assert refunds.write_off(account, NOW + timedelta(days=11)) == 0
    assert free(account) == 100 * CREDIT


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_asking_takes_a_form(method: str, ann: User, sign_in: SignIn) -> None:
    assert getattr(sign_in(ann), method)(ASK).status_code == 405


def test_strangers_are_sent_to_sign_in(db: Any) -> None:
    assert Client().post(ASK).headers["Location"].startswith("/account/login/")
