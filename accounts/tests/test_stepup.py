"""Step-up: recent proof by password and, where there is one, the second factor; what was posted goes on afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from accounts.sign_ins import tokens
from accounts.tests.second_factors import (
    APP,
    CODE,
    CODES,
    CONFIRM,
    CONFIRM_CODE,
    NEW_CODES,
    SECURITY,
    code_of,
    enrol_app,
    give_password,
    password_of,
    recovery_codes_on,
    signed_in_by_password,
)
from conftest import SignIn

pytestmark = pytest.mark.django_db(transaction=True)
START = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
REMOVE_APP = "/account/security/app/remove/"
MINUTES = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    cache.clear()
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller
    cache.clear()


def asked_by(answer: Any) -> str:
    """Give the page that asks for proof, or nothing."""
    return answer.headers["Location"].split("?")[0] if answer.status_code == 302 else ""


def prove(client: Client, user: User, path: str) -> Any:
    return client.post(CONFIRM, {"password": password_of(user), "next": path})


def prove_by_code(client: Client, secret: str, path: str) -> Any:
    return client.post(CONFIRM_CODE, {"code": code_of(secret), "next": path})


def test_a_sign_in_counts_for_five_minutes(ann: User, clock: Any) -> None:
    client = signed_in_by_password(ann)
    clock.shift(5 * MINUTES - timedelta(seconds=1))
    assert asked_by(client.get(APP)) == ""
    clock.shift(timedelta(seconds=1))
    assert asked_by(client.get(APP)) == CONFIRM


def test_a_sign_in_that_nobody_saw_begin_counts_for_nothing(ann: User, sign_in: SignIn) -> None:
    assert asked_by(sign_in(ann).get(APP)) == CONFIRM


def test_the_password_given_anew_leads_back_and_counts_for_five_minutes(ann: User, clock: Any, sign_in: SignIn) -> None:
    client = sign_in(ann)
    wanted = client.get(APP)
    assert wanted.headers["Location"] == f"{CONFIRM}?next={quote(APP, safe='')}"
    assert prove(client, ann, APP).headers["Location"] == APP
    assert client.get(APP).status_code == 200
    clock.shift(5 * MINUTES)
    assert asked_by(client.get(APP)) == CONFIRM


def test_a_wrong_password_proves_nothing_and_guessing_ends(ann: User, sign_in: SignIn) -> None:
    client = sign_in(ann)
    for _attempt in range(10):
        answer = client.post(CONFIRM, {"password": "wrong", "next": APP})
        assert answer.status_code == 200
    assert client.post(CONFIRM, {"password": password_of(ann), "next": APP}).status_code == 429
    assert asked_by(client.get(APP)) == CONFIRM


def test_with_a_second_factor_both_are_asked_for(ann: User, clock: Any) -> None:
    client = signed_in_by_password(ann)
    secret, _codes = enrol_app(client)
    clock.shift(10 * MINUTES)
    assert asked_by(client.get(REMOVE_APP)) == CONFIRM
    prove(client, ann, REMOVE_APP)
    assert asked_by(client.get(REMOVE_APP)) == CONFIRM_CODE
    prove_by_code(client, secret, REMOVE_APP)
    assert client.get(REMOVE_APP).status_code == 200


def test_a_code_alone_does_not_stand_for_the_password(ann: User, clock: Any) -> None:
    client = signed_in_by_password(ann)
    secret, _codes = enrol_app(client)
    clock.shift(10 * MINUTES)
    prove_by_code(client, secret, REMOVE_APP)
    assert asked_by(client.get(REMOVE_APP)) == CONFIRM


def test_what_was_posted_goes_on_after_both_proofs(ann: User, clock: Any) -> None:
    client = signed_in_by_password(ann)
    secret, former = enrol_app(client)
    clock.shift(10 * MINUTES)
    assert asked_by(client.post(NEW_CODES, {"sure": "yes"})) == CONFIRM
    assert asked_by(prove(client, ann, NEW_CODES)) == CONFIRM_CODE
    answer = prove_by_code(client, secret, NEW_CODES)
    assert answer.headers["Location"] == CODES
    fresh = recovery_codes_on(client.get(CODES))
    assert len(fresh) == 10
    assert fresh != former


def test_nothing_that_was_typed_is_lost(ann: User, clock: Any) -> None:
    client = signed_in_by_password(ann)
    secret, _codes = enrol_app(client)
    passkey = Authenticator.objects.create(user=ann, type="webauthn", data={"name": "Blue", "credential": {}})
    clock.shift(10 * MINUTES)
    path = f"{SECURITY}passkeys/{passkey.pk}/name/"
    assert asked_by(client.post(path, {"name": "Grün & 青 key"})) == CONFIRM
    assert asked_by(prove(client, ann, path)) == CONFIRM_CODE
    passkey.refresh_from_db()
    assert passkey.data["name"] == "Blue"
    assert prove_by_code(client, secret, path).headers["Location"] == SECURITY
    passkey.refresh_from_db()
    assert passkey.data["name"] == "Grün & 青 key"


def test_who_has_passkeys_alone_is_asked_for_one(ann: User, clock: Any, sign_in: SignIn) -> None:
    passkey = Authenticator.objects.create(user=ann, type="webauthn", data={"name": "Blue", "credential": {}})
    client, path = sign_in(ann), f"{SECURITY}passkeys/{passkey.pk}/remove/"
    assert asked_by(client.get(path)) == CONFIRM
    prove(client, ann, path)
    assert asked_by(client.get(path)) == "/account/confirm/passkey/"


def test_what_waits_lies_sealed_and_holds_no_cookie_and_no_address(ann: User, sign_in: SignIn) -> None:
    client = sign_in(ann)
    client.post(NEW_CODES, {"secret": "Kanarienvogel"}, REMOTE_ADDR="203.0.113.77", headers={"User-Agent": "Kanarie"})
    stored = repr([session.get_decoded() for session in Session.objects.all()])
    assert "account_reauthentication_state" in stored
    for hidden in ("Kanarie", "203.0.113.77", client.cookies["access"].value, NEW_CODES):
        assert hidden not in stored


def test_what_was_given_up_does_not_go_on_later(ann: User, clock: Any) -> None:
    client = signed_in_by_password(ann)
    secret, _former = enrol_app(client)
    clock.shift(10 * MINUTES)
    client.post(REMOVE_APP)
    assert prove(client, ann, SECURITY).headers["Location"] == SECURITY
    clock.shift(MINUTES)
    prove_by_code(client, secret, REMOVE_APP)
    assert Authenticator.objects.filter(type="totp").exists()


def test_what_waited_too_long_does_not_go_on(ann: User, clock: Any, sign_in: SignIn) -> None:
    client = sign_in(ann)
    Authenticator.objects.create(user=ann, type="webauthn", data={"name": "Blue", "credential": {}})
    path = f"{SECURITY}passkeys/{Authenticator.objects.get().pk}/remove/"
    client.post(path)
    clock.shift(16 * MINUTES)
    assert prove(client, ann, path).headers["Location"] == path


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_proof_leads_to_no_other_site(target: str, ann: User, sign_in: SignIn) -> None:
    client = sign_in(ann)
    client.post(NEW_CODES, {"sure": "yes"})
    for _time in range(2):  # with something that waits, and without
        assert prove(client, ann, target).headers["Location"] == "/chat/"


def test_what_one_person_left_waiting_does_not_go_on_as_another(ann: User, bob: User, sign_in: SignIn) -> None:
    client = sign_in(ann)
    client.post(NEW_CODES, {"sure": "yes"})
    client.post("/account/logout/")
    give_password(bob, client)
    assert prove(client, bob, NEW_CODES).headers["Location"] == NEW_CODES


def test_htmx_is_sent_to_the_page_that_asks(ann: User, sign_in: SignIn) -> None:
    answer = sign_in(ann).post(NEW_CODES, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith(f"{CONFIRM}?next=")


def test_an_ended_sign_in_proves_nothing(ann: User, clock: Any) -> None:
    client = signed_in_by_password(ann)
    tokens.end_all(ann, tokens.End.REVOKED, START)
    assert asked_by(client.get(APP)) == "/account/login/"


def test_signing_in_with_both_is_proof_of_both(ann: User, clock: Any) -> None:
    secret, _codes = enrol_app(signed_in_by_password(ann))
    clock.shift(10 * MINUTES)
    client, _answer = give_password(ann)
    client.post(CODE, {"code": code_of(secret)})
    assert client.get(REMOVE_APP).status_code == 200
