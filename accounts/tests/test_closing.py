"""Closing an account: announced, regretted, due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from accounts import closing
from accounts.errors import NotAllowed
from accounts.models import OutboxMail, User
from accounts.standing import require
from accounts.tests.walking import letter_to, letters_to, path_of, prove
from caicaini.personal_data import Purpose
from conftest import SignIn

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DUE = NOW + timedelta(days=10)
CLOSE, KEEP = "/account/close/", "/account/keep/"


@pytest.fixture(autouse=True)
def no_attempts_yet() -> None:
    cache.clear()


@pytest.fixture
def client(ann: User, sign_in: SignIn) -> Client:
    with time_machine.travel(NOW, tick=False):
        return prove(sign_in(ann), ann)


def close(client: Client, typed: str = "ann") -> Any:
    with time_machine.travel(NOW, tick=False):
        return client.post(CLOSE, {"confirmation": typed})


def closing_at(user: User) -> datetime | None:
    return User.objects.get(pk=user.pk).closing_at


def test_whoever_types_the_name_closes_the_account_in_ten_days(ann: User, client: Client) -> None:
    assert close(client, " ANN ").headers["Location"] == CLOSE
    assert closing_at(ann) == DUE
    with time_machine.travel(NOW, tick=False):
        (message,) = letters_to("ann@example.test")
    assert "6 December 2026, 12:00 UTC" in message.subject
    assert "5 January 2027" in str(message.body)
    assert path_of(message) == CLOSE


@pytest.mark.parametrize("typed", ["", "an", "bob", "close"])
def test_another_word_closes_nothing(typed: str, ann: User, client: Client) -> None:
    answer = close(client, typed)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert closing_at(ann) is None
    assert not OutboxMail.objects.exists()


def test_closing_needs_a_fresh_proof(ann: User, sign_in: SignIn) -> None:
    client = sign_in(ann)
    for answer in (client.get(CLOSE), client.post(CLOSE, {"confirmation": "ann"})):
        assert answer.headers["Location"].startswith("/account/confirm/?next=")
    assert closing_at(ann) is None


def test_the_page_says_what_happens_when_before_and_after(client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        before = client.get(CLOSE).content.decode()
    close(client)
    with time_machine.travel(NOW + timedelta(minutes=3), tick=False):
        after = client.get(CLOSE).content.decode()
    for page in (before, after):
        assert "6 December 2026, 12:00 UTC" in page
        assert "5 January 2027" in page
        assert "100.00 credits remain" in page
    assert "Type your user name" in before
    assert "Type your user name" not in after
    assert "Keep my account" in after


def test_the_other_devices_are_signed_out_and_this_one_stays(ann: User, client: Client, sign_in: SignIn) -> None:
    other = sign_in(ann)
    close(client)
    with time_machine.travel(NOW, tick=False):
        assert client.get("/account/").status_code == 200
        assert other.get("/account/").status_code == 302


def test_nothing_is_sent_or_bought_while_it_closes(ann: User, client: Client) -> None:
    close(client)
    ann.refresh_from_db()
    for purpose in (Purpose.CHAT, Purpose.BILLING):
        with pytest.raises(NotAllowed):
            require(ann, purpose)
    require(ann, Purpose.ACCOUNT)


@pytest.mark.parametrize(
    "path", ["/", "/chat/", "/account/", "/account/data/", "/terms/", "/failure-policy/", "/nowhere/"]
)
def test_every_page_says_until_when_and_offers_to_keep_it(path: str, client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        assert "This account closes on" not in client.get(path).content.decode()
    close(client)
    with time_machine.travel(NOW, tick=False):
        page = client.get(path).content.decode()
    assert "This account closes on 6 December 2026, 12:00 UTC" in page
    assert f'action="{KEEP}"' in page


def test_whoever_regrets_it_keeps_the_account(ann: User, client: Client) -> None:
    close(client)
    with time_machine.travel(DUE - timedelta(seconds=1), tick=False):
        client.post("/account/login/", {"login": "ann", "password": "ann-pass-word"})
        assert client.post(KEEP).headers["Location"] == "/account/"
        assert "This account closes on" not in client.get("/account/").content.decode()
        assert letter_to("ann@example.test").subject == "Your Caicaini account stays open"


def test_keeping_an_account_that_was_not_to_be_closed_says_nothing(ann: User, client: Client) -> None:
    assert client.post(KEEP).status_code == 302
    assert not OutboxMail.objects.exists()


def test_nobody_is_signed_in_from_the_moment_that_it_is_due(ann: User, client: Client) -> None:
    close(client)
    with time_machine.travel(DUE - timedelta(seconds=1), tick=False):
        assert Client().post("/account/login/", {"login": "ann", "password": "ann-pass-word"}).status_code == 302
        assert client.get("/account/").status_code == 200
    with time_machine.travel(DUE, tick=False):
        assert client.get("/account/").status_code == 302
        assert client.get("/chat/").status_code == 302
        stranger = Client()
        assert stranger.post("/account/login/", {"login": "ann", "password": "ann-pass-word"}).status_code == 200
        assert stranger.get("/account/").status_code == 302


def test_what_is_due_cannot_be_kept(ann: User, client: Client) -> None:
    close(client)
    with time_machine.travel(DUE, tick=False):
        client.post(KEEP)
    assert closing_at(ann) == DUE
    assert not closing.cancel(ann, DUE)


def test_a_second_announcement_moves_no_date_and_sends_no_mail(ann: User) -> None:
    assert closing.announce(ann, NOW)
    assert not closing.announce(ann, NOW + timedelta(days=5))
    assert closing_at(ann) == DUE
    assert OutboxMail.objects.count() == 1


def test_operators_cannot_close_their_own_account(sam: User, sign_in: SignIn) -> None:
    client = prove(sign_in(sam), sam)
    page = client.get(CLOSE).content.decode()
    assert "Operators cannot close" in page
    assert 'name="confirmation"' not in page
    assert client.post(CLOSE, {"confirmation": "sam"}).status_code == 403
    assert closing_at(sam) is None


@pytest.mark.parametrize("path", [CLOSE, KEEP])
def test_strangers_are_sent_to_sign_in(path: str, db: None) -> None:
    assert Client().post(path).headers["Location"].startswith("/account/login/")


def test_other_methods_are_refused(client: Client) -> None:
    assert client.delete(KEEP).status_code == 405
    assert client.delete(CLOSE).status_code == 405


def test_whoever_opens_the_address_of_the_button_finds_the_page_with_it(client: Client, ann: User) -> None:
    with time_machine.travel(NOW, tick=False):
        assert client.get(KEEP).headers["Location"] == "/account/"
        close(client)
        assert client.get(KEEP).headers["Location"] == CLOSE
    assert closing_at(ann)


def test_a_form_of_another_site_closes_and_keeps_nothing(ann: User, sign_in: SignIn) -> None:
    client = sign_in(ann)
    client.handler.enforce_csrf_checks = True
    assert client.post(CLOSE, {"confirmation": "ann"}).status_code == 403
    assert client.post(KEEP).status_code == 403
