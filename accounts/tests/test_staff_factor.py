"""Operators: no power without a second factor in this very sign-in, and always one factor left."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connections
from django.test import Client

from accounts import testing
from accounts.models import TokenFamily, User
from accounts.sign_ins import tokens
from accounts.tests.second_factors import (
    APP,
    CODE,
    CONFIRM_CODE,
    SECURITY,
    code_of,
    enrol_app,
    give_password,
    signed_in_by_password,
    subjects,
)
from caicaini.models import AuditEvent

pytestmark = pytest.mark.django_db(transaction=True)
START = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
REMOVE_APP = "/account/security/app/remove/"
PEOPLE = "/admin/accounts/user/"
ENROL = f"{SECURITY}?required"


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    cache.clear()
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller
    cache.clear()


def client_of(user: User, *, uses_factor: bool) -> Client:
    client = Client()
    client.cookies.load(testing.sign_in(user, uses_factor=uses_factor))
    return client


def test_the_first_sign_in_leads_to_setting_one_up_wherever_one_wanted_to_go(sam: User) -> None:
    for wanted in ("", "/admin/", "/chat/"):
        assert give_password(sam, next=wanted)[1].headers["Location"] == ENROL
    page = signed_in_by_password(sam).get(ENROL).content.decode()
    assert "a second factor is required" in page


@pytest.mark.parametrize("page", ["/admin/", PEOPLE, "/admin/billing/", "/admin/jsi18n/", "/admin/password_change/"])
def test_without_one_no_page_of_the_console_opens(page: str, sam: User) -> None:
    client = signed_in_by_password(sam)
    answer = client.get(page, follow=True)
    assert answer.redirect_chain[-1][0] == ENROL
    before = User.objects.filter(pk=sam.pk).values().get()
    client.post(f"{PEOPLE}{sam.pk}/change/", {"is_active": ""})
    assert User.objects.filter(pk=sam.pk).values().get() == before


def test_setting_one_up_opens_the_console_at_once(sam: User) -> None:
    client = signed_in_by_password(sam)
    enrol_app(client)
    assert client.get("/admin/").status_code == 200
    assert "Open the console" in client.get(SECURITY).content.decode()


def test_a_sign_in_that_used_none_is_asked_for_it(sam: User, clock: Any) -> None:
    secret, _codes = enrol_app(signed_in_by_password(sam))
    client = client_of(sam, uses_factor=False)
    answer = client.get(PEOPLE, follow=True)
    assert answer.redirect_chain[-1][0] == f"{CONFIRM_CODE}?next=%2Fadmin%2Faccounts%2Fuser%2F"
    assert client.post(CONFIRM_CODE, {"code": code_of(secret), "next": PEOPLE}).headers["Location"] == PEOPLE
    assert client.get(PEOPLE).status_code == 200


def test_signing_in_with_both_steps_opens_it(sam: User) -> None:
    secret, _codes = enrol_app(signed_in_by_password(sam))
    client, _answer = give_password(sam, next="/admin/")
    assert client.post(CODE, {"code": code_of(secret)}).headers["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_customer_with_a_second_factor_is_no_operator(ann: User) -> None:
    client = signed_in_by_password(ann)
    enrol_app(client)
    assert client.get("/admin/", follow=True).status_code == 403


def test_a_customer_who_becomes_an_operator_has_to_set_one_up(ann: User) -> None:
    client = signed_in_by_password(ann)
    User.objects.filter(pk=ann.pk).update(is_staff=True, is_superuser=True)
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == ENROL


def test_the_last_one_cannot_be_removed_but_replaced(sam: User, clock: Any) -> None:
    client = signed_in_by_password(sam)
    former, _codes = enrol_app(client)
    for answer in (client.get(REMOVE_APP, follow=True), client.post(REMOVE_APP, follow=True)):
        assert "Operators keep at least one second factor" in answer.content.decode()
    assert Authenticator.objects.filter(type="totp").exists()
    clock.shift(timedelta(minutes=1))
    secret, _none = enrol_app(client)
    assert secret != former
    assert client.get("/admin/").status_code == 200


def test_one_of_two_can_be_removed_and_then_no_other(sam: User) -> None:
    for name in ("Blue", "Red"):
        Authenticator.objects.create(user=sam, type="webauthn", data={"name": name, "credential": {}})
    client = _proven(sam)
    first, second = Authenticator.objects.order_by("pk")
    assert client.post(f"{SECURITY}passkeys/{first.pk}/remove/").headers["Location"] == SECURITY
    client.post(f"{SECURITY}passkeys/{second.pk}/remove/")
    assert list(Authenticator.objects.all()) == [second]


def _proven(user: User) -> Client:
    """Give a client with recent proof of both, where the factor cannot be used in a test."""
    client = client_of(user, uses_factor=True)
    client.post("/account/confirm/", {"password": f"{user.username}-pass-word", "next": SECURITY})
    return client


def test_of_two_that_are_removed_at_once_one_stays(sam: User) -> None:
    for name in ("Blue", "Red"):
        Authenticator.objects.create(user=sam, type="webauthn", data={"name": name, "credential": {}})
    clients = [_proven(sam), _proven(sam)]

    def remove(client: Client, passkey: Authenticator) -> None:
        try:
            client.post(f"{SECURITY}passkeys/{passkey.pk}/remove/")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(remove, clients, Authenticator.objects.order_by("pk")))
    assert Authenticator.objects.filter(type="webauthn").count() == 1


def reset_in_console(client: Client, *users: User) -> Any:
    chosen = {"action": "reset_factors", "_selected_action": [user.pk for user in users]}
    return client.post(PEOPLE, chosen, follow=True)


def test_another_operator_resets_it_in_the_console_on_record(sam: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    colleague = signed_in_by_password(User.objects.get(pk=bob.pk))
    enrol_app(colleague)
    page = reset_in_console(_proven(sam), bob)
    assert "the second factor is removed" in page.content.decode()
    assert not Authenticator.objects.filter(user=bob).exists()
    assert colleague.get(SECURITY).status_code == 302
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.subject) == ("account.factors_reset", sam.uuid, str(bob.uuid))
    assert "The second factor of your Caicaini account was removed" in subjects()


@pytest.mark.parametrize("who", ["oneself", "a customer"])
def test_the_console_resets_nobody_elses(who: str, sam: User, ann: User) -> None:
    target = sam if who == "oneself" else ann
    Authenticator.objects.create(user=target, type="webauthn", data={"name": "Blue", "credential": {}})
    page = reset_in_console(_proven(sam), target)
    assert "Only another operator" in page.content.decode()
    assert Authenticator.objects.filter(user=target).exists()
    assert not AuditEvent.objects.exists()


def test_the_console_resets_only_with_recent_proof_and_for_few(sam: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    Authenticator.objects.create(user=bob, type="webauthn", data={"name": "Blue", "credential": {}})
    answer = reset_in_console(client_of(sam, uses_factor=True), bob)
    assert answer.redirect_chain[-1][0].startswith("/account/confirm/?next=")
    User.objects.filter(pk=sam.pk).update(is_superuser=False)
    reset_in_console(_proven(User.objects.get(pk=sam.pk)), bob)
    assert Authenticator.objects.filter(user=bob).exists()


def test_no_factor_stands_in_the_console(sam: User) -> None:
    client = client_of(sam, uses_factor=True)
    assert client.get("/admin/mfa/authenticator/").status_code == 404
    assert client.get("/admin/accounts/factorreset/").status_code == 200
    assert TokenFamily.objects.filter(user=sam, ended_at=None, end="").exists()
    tokens.end_all(sam, tokens.End.STAFF, START)


def test_the_page_to_set_an_app_up_is_open_to_an_operator_who_just_signed_in(sam: User) -> None:
    assert signed_in_by_password(sam).get(APP).status_code == 200
