"""A second factor that is lost: announced at once, cancelled from anywhere, carried out by mail three days later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.signals import email_changed, password_changed
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.factors import resets
from accounts.models import EmailChange, FactorReset, User
from accounts.tasks import go_on_with_factor_resets
from accounts.tests.second_factors import (
    CODE,
    SECURITY,
    code_of,
    enrol_app,
    give_password,
    link_in,
    mails,
    signed_in_by_password,
    subjects,
)
from conftest import SignIn

pytestmark = pytest.mark.django_db(transaction=True)
START = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
LOST, CANCEL = "/account/lost-factor/", "/account/lost-factor/cancel/"
REQUESTED = "Somebody asked to remove the second factor of your Caicaini account"
READY = "The link that removes the second factor of your Caicaini account"
CANCELLED = "Your Caicaini account keeps its second factor"
DONE = "The second factor of your Caicaini account was removed"
End = FactorReset.End


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    cache.clear()
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller
    cache.clear()


@pytest.fixture
def secret(ann: User) -> str:
    """Ann has an app; the browser in which she set it up is forgotten."""
    return enrol_app(signed_in_by_password(ann))[0]


def ask(user: User) -> Client:
    """Ask as a person does: the password, the page that explains, the button."""
    client, answer = give_password(user)
    assert answer.headers["Location"] == CODE
    assert "I lost my second factor" in client.get(CODE).content.decode()
    assert "Ask for it" in client.get(LOST).content.decode()
    client.post(LOST)
    return client


def work() -> None:
    """Do what the worker does every minute."""
    go_on_with_factor_resets()


def state_of(user: User) -> str:
    reset = FactorReset.objects.filter(user=user).latest("pk")
    return reset.end if reset.open_for_id is None else "open"


def reset_link() -> str:
    return link_in(next(letter for letter in reversed(mails()) if letter.subject == READY), "/lost-factor/reset/")


def cancel_link() -> str:
    letter = next(letter for letter in reversed(mails()) if letter.subject == REQUESTED)
    return link_in(letter, "/lost-factor/cancel/")


def test_the_whole_way(ann: User, secret: str, clock: Any) -> None:
    client = ask(ann)
    assert "On 29 November 2026, 12:00 UTC we mail you a link" in client.get(LOST).content.decode()
    assert subjects()[-1] == REQUESTED
    clock.shift(timedelta(hours=72) - timedelta(seconds=1))
    work()
    assert READY not in subjects()
    clock.shift(timedelta(seconds=1))
    work()
    clock.shift(timedelta(minutes=1))
    work()
    assert subjects().count(READY) == 1
    link = reset_link()
    assert "Remove your second factor?" in Client().get(link).content.decode()
    assert Authenticator.objects.filter(user=ann).exists()  # a look at the link does nothing
    open_sign_in = _signed_in_with_code(ann, secret)
    assert state_of(ann) == End.FOUND  # she has found it: the request is over
    assert Client().post(link).status_code == 404
    assert open_sign_in.get(SECURITY).status_code == 200


def _signed_in_with_code(user: User, secret: str) -> Client:
    client, _answer = give_password(user)
    assert client.post(CODE, {"code": code_of(secret)}).status_code == 302
    return client


def test_the_link_removes_the_factors_and_ends_every_sign_in_once(
    ann: User, secret: str, clock: Any, sign_in: SignIn
) -> None:
    other = sign_in(ann)
    ask(ann)
    clock.shift(timedelta(hours=72))
    work()
    link = reset_link()
    answer = Client().post(link)
    assert "Your second factor is removed" in answer.content.decode()
    assert not Authenticator.objects.filter(user=ann).exists()
    assert other.get(SECURITY).status_code == 302
    assert subjects()[-1] == DONE
    assert state_of(ann) == End.DONE
    client = signed_in_by_password(ann)
    enrol_app(client)
    assert Client().post(link).status_code == 404
    assert Authenticator.objects.filter(user=ann, type="totp").exists()


def test_the_link_works_for_a_day(ann: User, secret: str, clock: Any) -> None:
    ask(ann)
    clock.shift(timedelta(hours=72))
    work()
    link = reset_link()
    clock.shift(timedelta(hours=24))
    assert Client().get(link).status_code == 404
    assert Client().post(link).status_code == 404
    clock.shift(timedelta(minutes=1))
    work()
    assert state_of(ann) == End.EXPIRED
    assert Authenticator.objects.filter(user=ann).exists()


def test_cancelled_from_the_mail_without_signing_in(ann: User, secret: str, clock: Any) -> None:
    ask(ann)
    link = cancel_link()
    assert "Keep your second factor?" in Client().get(link).content.decode()
    assert state_of(ann) == "open"
    assert "stays as it is" in Client().post(link).content.decode()
    assert state_of(ann) == End.CANCELLED
    assert subjects()[-1] == CANCELLED
    clock.shift(timedelta(hours=73))
    work()
    assert READY not in subjects()
    assert Client().get(link).status_code == 404
    assert Client().post(link).status_code == 404


def test_every_page_of_an_open_sign_in_says_so_and_can_cancel_it(
    ann: User, bob: User, secret: str, sign_in: SignIn
) -> None:
    client, stranger = sign_in(ann), sign_in(bob)
    ask(ann)
    for path in ("/chat/", SECURITY, "/account/devices/", "/", "/failure-policy/", "/nothing/"):
        assert "asked to remove your second factor" in client.get(path).content.decode(), path
        assert "asked to remove your second factor" not in stranger.get(path).content.decode()
    stranger.post(CANCEL)
    assert state_of(ann) == "open"
    assert client.get(CANCEL).status_code == 405
    page = client.post(CANCEL, follow=True)
    assert "Cancelled: your second factor stays as it is." in page.content.decode()
    assert state_of(ann) == End.CANCELLED
    assert "asked to remove your second factor" not in client.get("/chat/").content.decode()


def test_a_new_password_cancels(ann: User, secret: str, clock: Any) -> None:
    ask(ann)
    password_changed.send(User, request=RequestFactory().get("/"), user=ann)
    assert state_of(ann) == End.CHANGED


def test_a_new_password_that_nobody_announced_counts_when_it_is_due(ann: User, secret: str, clock: Any) -> None:
    ask(ann)
    ann.set_password("another-pass-word")
    ann.save()
    clock.shift(timedelta(hours=72))
    work()
    assert state_of(ann) == End.CHANGED
    assert READY not in subjects()


def test_a_new_password_after_the_link_was_mailed_makes_it_worthless(ann: User, secret: str, clock: Any) -> None:
    ask(ann)
    clock.shift(timedelta(hours=72))
    work()
    link = reset_link()
    ann.set_password("another-pass-word")
    ann.save()
    assert Client().post(link).status_code == 404
    assert Authenticator.objects.filter(user=ann).exists()


def change_address(user: User) -> None:
    request = RequestFactory().get("/")
    former, user.email = user.email, "ann.new@example.test"
    user.save()
    now = timezone.now()
    EmailChange.objects.create(user=user, old_email=former, new_email=user.email, asked_at=now, confirmed_at=now)
    email_changed.send(User, request=request, user=user, from_email_address=former, to_email_address=user.email)


@pytest.mark.parametrize(("hours", "is_open"), [(0, False), (71, False), (72, True)])
def test_an_address_that_changed_within_three_days_cannot_be_used(
    hours: int, is_open: bool, ann: User, secret: str, clock: Any
) -> None:
    change_address(ann)
    clock.shift(timedelta(hours=hours))
    client = ask(ann)
    assert FactorReset.objects.filter(open_for=ann).exists() is is_open
    if not is_open:
        assert "changed less than three days ago" in client.get(LOST).content.decode()


def test_an_address_that_changes_meanwhile_cancels(ann: User, secret: str, clock: Any) -> None:
    ask(ann)
    change_address(ann)
    assert state_of(ann) == End.CHANGED


def test_signing_in_with_the_factor_cancels(ann: User, secret: str, clock: Any) -> None:
    ask(ann)
    clock.shift(timedelta(minutes=5))
    _signed_in_with_code(ann, secret)
    assert state_of(ann) == End.FOUND


def test_one_request_at_a_time(ann: User, secret: str, clock: Any) -> None:
    client = ask(ann)
    client.post(LOST)
    ask_again = give_password(ann)[0]
    ask_again.post(LOST)
    assert FactorReset.objects.filter(user=ann).count() == 1
    assert subjects().count(REQUESTED) == 1


def test_asking_too_often_ends(ann: User, secret: str, clock: Any) -> None:
    for _time in range(3):
        client = ask(ann)
        resets.cancel(ann, End.CANCELLED, timezone.now())
        clock.shift(timedelta(minutes=10))
    client = ask(ann)
    assert "asked for too often" in client.get(LOST).content.decode()
    assert not FactorReset.objects.filter(open_for=ann).exists()
    ann.set_password("ann-pass-word")  # the same words make another hash, so that it counts as new
    ann.save()
    client = ask(ann)
    assert FactorReset.objects.filter(open_for=ann).exists()


def test_operators_cannot(sam: User) -> None:
    enrol_app(signed_in_by_password(sam))
    client, _answer = give_password(sam)
    assert "ask another operator" in client.get(LOST).content.decode()
    client.post(LOST)
    assert not FactorReset.objects.exists()


def test_whoever_became_an_operator_meanwhile_gets_no_link(ann: User, secret: str, clock: Any) -> None:
    ask(ann)
    User.objects.filter(pk=ann.pk).update(is_staff=True)
    clock.shift(timedelta(hours=72))
    work()
    assert READY not in subjects()


def test_it_takes_the_password_first(ann: User, secret: str, sign_in: SignIn) -> None:
    stranger = Client()
    for answer in (stranger.get(LOST), stranger.post(LOST)):
        assert answer.headers["Location"] == f"/account/login/?next={LOST}"
    client = sign_in(ann)
    for answer in (client.get(LOST), client.post(LOST)):
        assert answer.headers["Location"] == f"/account/confirm/?next={LOST}"
    assert not FactorReset.objects.exists()
    client.post("/account/confirm/", {"password": "ann-pass-word", "next": LOST})
    client.post(LOST)
    assert state_of(ann) == "open"


@pytest.mark.parametrize("place", ["cancel", "reset"])
def test_a_link_that_nobody_mailed_does_nothing(place: str, ann: User, secret: str, clock: Any) -> None:
    ask(ann)
    reset = FactorReset.objects.get()
    other = {"cancel": resets.CARRY_OUT, "reset": resets.CANCEL}[place]
    for signed in (reset.uuid.hex, f"{reset.uuid.hex}:forged", "x", resets.token(reset, other)):
        for answer in (Client().get(f"{LOST}{place}/{signed}/"), Client().post(f"{LOST}{place}/{signed}/")):
            assert answer.status_code == 404
    assert state_of(ann) == "open"
    assert Authenticator.objects.filter(user=ann).exists()


def test_the_link_is_worth_nothing_before_it_is_due(ann: User, secret: str, clock: Any) -> None:
    ask(ann)
    link = f"{LOST}reset/{resets.token(FactorReset.objects.get(), resets.CARRY_OUT)}/"
    assert Client().get(link).status_code == 404
    assert Client().post(link).status_code == 404
    assert Authenticator.objects.filter(user=ann).exists()


def test_no_mail_but_the_right_one_holds_a_link_that_acts(ann: User, secret: str, clock: Any) -> None:
    ask(ann)
    clock.shift(timedelta(hours=72))
    work()
    link = reset_link()
    others = [letter for letter in mails() if letter.subject != READY]
    assert not [letter for letter in others if link in f"{letter.body}{letter.alternatives}"]
    html = next(letter for letter in mails() if letter.subject == READY).alternatives[0][0]
    assert link in str(html)


def test_the_job_costs_the_same_query_when_nothing_is_due(
    ann: User, secret: str, django_assert_num_queries: Any
) -> None:
    ask(ann)
    with django_assert_num_queries(1):
        assert resets.go_on(START) == 0
