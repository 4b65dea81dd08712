"""What an owner is told about sign-ins, and that a new proof brings new tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import OutboxMail, TokenFamily, User
from accounts.sign_ins import tokens
from accounts.sign_ins.tokens import Device, Kind
from accounts.tests.test_middleware import enter, is_in, jar
from caicaini.models import AuditEvent
from conftest import SignIn

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36"


def letters() -> list[str]:
    return list(OutboxMail.objects.order_by("pk").values_list("kind", flat=True))


def test_a_device_that_was_never_used_before_is_told_once(ann: User) -> None:
    enter(Client(headers={"User-Agent": FIREFOX}))
    assert letters() == []  # the account's first
    for agent in (FIREFOX, PHONE, PHONE):
        enter(Client(headers={"User-Agent": agent}))
    assert letters() == ["new_device"]


def test_somebody_elses_devices_are_not_ones_own(ann: User, bob: User) -> None:
    enter(Client(headers={"User-Agent": PHONE}), "bob")
    enter(Client(headers={"User-Agent": FIREFOX}))
    enter(Client(headers={"User-Agent": PHONE}))
    assert OutboxMail.objects.get().user == ann


def test_a_theft_is_told(ann: User, django_capture_on_commit_callbacks: Any) -> None:
    now = timezone.now()
    _family, first = tokens.begin(ann, Kind.WEB, Device(), now)
    second = tokens.rotate(first, Kind.WEB, now + timedelta(minutes=6)).refresh
    tokens.rotate(second, Kind.WEB, now + timedelta(minutes=12))
    with django_capture_on_commit_callbacks(execute=True):
        tokens.rotate(first, Kind.WEB, now + timedelta(minutes=18))
    assert letters() == ["session_theft"]


def test_ending_all_others_is_told_when_there_were_any(ann: User, sign_in: SignIn) -> None:
    client = sign_in(ann)
    client.post("/account/devices/others/")
    assert letters() == []
    sign_in(ann)
    client.post("/account/devices/others/")
    assert letters() == ["sign_ins_ended"]


def test_a_new_proof_brings_a_new_token_and_a_new_session_key(ann: User, sign_in: SignIn) -> None:
    client = sign_in(ann)
    refresh, key = jar(client)["refresh"], TokenFamily.objects.get().session_key
    answer = client.post("/account/confirm/?next=/account/devices/", {"password": "ann-pass-word"})
    assert answer.headers["Location"] == "/account/devices/"
    assert jar(client)["refresh"] != refresh
    assert TokenFamily.objects.get().session_key not in {key, ""}
    assert is_in(client)
    thief = Client()
    thief.cookies["refresh"] = refresh
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert is_in(client)
        assert not is_in(thief)


def test_an_operator_ends_all_sign_ins_of_a_person_on_record(ann: User, bob: User, sam: User, sign_in: SignIn) -> None:
    anns, bobs, operator = sign_in(ann), sign_in(bob), sign_in(sam)
    form = {"action": "end_sign_ins", "_selected_action": [str(ann.pk)]}
    assert operator.post("/admin/accounts/user/", form).status_code == 302
    assert [is_in(client) for client in (anns, bobs, operator)] == [False, True, True]
    event = AuditEvent.objects.order_by("-sequence").first()
    assert event
    assert (event.action, event.actor, event.subject) == ("account.signed_out", sam.uuid, str(ann.uuid))
    assert letters() == ["sign_ins_ended"]
