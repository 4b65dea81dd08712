"""Second factors through the pages: an app and recovery codes set up, used, replaced and removed."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connections
from django.test import Client

from accounts.models import TokenFamily, User
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
    mails,
    password_of,
    recovery_codes_on,
    secret_on,
    signed_in_by_password,
    subjects,
)
from conftest import SignIn

pytestmark = pytest.mark.django_db(transaction=True)
WRONG_CODE = "This code is not right, or was used before. The app shows a new one every 30 seconds."
START = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
REMOVE_APP = "/account/security/app/remove/"


@pytest.fixture(autouse=True)
def no_attempts_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def is_signed_in(client: Client) -> bool:
    return client.get("/account/security/").status_code == 200


def errors_on(answer: Any) -> str:
    return " ".join(answer.context["form"].errors.get("code", []))


def test_setting_up_an_app_shows_a_picture_a_text_and_then_recovery_codes_once(ann: User, clock: Any) -> None:
    client = signed_in_by_password(ann)
    page = client.get(APP)
    assert 'src="data:image/svg+xml;base64,' in page.content.decode()
    assert "style=" not in page.content.decode()
    secret = secret_on(page)
    answer = client.post(APP, {"code": code_of(secret)})
    assert answer.headers["Location"] == CODES
    shown = recovery_codes_on(client.get(CODES))
    assert len(shown) == len(set(shown)) == 10
    assert recovery_codes_on(client.get(CODES)) == []
    assert "Last used" in client.get(SECURITY).content.decode()


def test_a_wrong_code_sets_up_nothing_and_keeps_the_picture(ann: User, clock: Any) -> None:
    client = signed_in_by_password(ann)
    secret = secret_on(client.get(APP))
    answer = client.post(APP, {"code": "000000" if code_of(secret) != "000000" else "000001"})
    assert secret_on(answer) == secret
    assert errors_on(answer) == WRONG_CODE
    assert not Authenticator.objects.exists()


def test_the_next_sign_in_asks_for_a_code(ann: User, clock: Any) -> None:
    secret, _codes = enrol_app(signed_in_by_password(ann))
    client, answer = give_password(ann)
    assert answer.headers["Location"] == CODE
    assert not is_signed_in(client)
    assert client.post(CODE, {"code": code_of(secret)}).headers["Location"] == "/chat/"
    assert is_signed_in(client)


def test_where_one_wanted_to_go_outlives_the_second_step(ann: User, clock: Any) -> None:
    secret, _codes = enrol_app(signed_in_by_password(ann))
    client, _answer = give_password(ann, next="/account/devices/")
    assert client.post(CODE, {"code": code_of(secret)}).headers["Location"] == "/account/devices/"


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_is_good_one_step_early_or_late(steps: int, ann: User, clock: Any) -> None:
    secret, _codes = enrol_app(signed_in_by_password(ann))
    clock.shift(timedelta(minutes=5))
    client, _answer = give_password(ann)
    assert client.post(CODE, {"code": code_of(secret, later=steps)}).status_code == 302


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_of_two_steps_away_is_not(steps: int, ann: User, clock: Any) -> None:
    secret, _codes = enrol_app(signed_in_by_password(ann))
    clock.shift(timedelta(minutes=5))
    client, _answer = give_password(ann)
    assert errors_on(client.post(CODE, {"code": code_of(secret, later=steps)})) == WRONG_CODE


@pytest.mark.parametrize("wait", [0, 29, 31, 59])
def test_a_code_is_good_once_for_as_long_as_it_is_right(wait: int, ann: User, clock: Any) -> None:
    """allauth alone forgets after 30 seconds, and takes the same code again while the tolerance lasts."""
    secret, _codes = enrol_app(signed_in_by_password(ann))
    clock.shift(timedelta(minutes=5))
    code = code_of(secret, later=1)
    assert give_password(ann)[0].post(CODE, {"code": code}).status_code == 302
    clock.shift(timedelta(seconds=wait))
    cache.clear()
    again = give_password(ann)[0].post(CODE, {"code": code})
    assert errors_on(again) == WRONG_CODE


def test_an_earlier_code_is_not_good_after_a_later_one(ann: User, clock: Any) -> None:
    secret, _codes = enrol_app(signed_in_by_password(ann))
    clock.shift(timedelta(minutes=5))
    assert give_password(ann)[0].post(CODE, {"code": code_of(secret)}).status_code == 302
    assert errors_on(give_password(ann)[0].post(CODE, {"code": code_of(secret, later=-1)})) == WRONG_CODE


def test_the_code_that_set_the_app_up_signs_nobody_in(ann: User, clock: Any) -> None:
    client = signed_in_by_password(ann)
    secret = secret_on(client.get(APP))
    code = code_of(secret)
    client.post(APP, {"code": code})
    assert errors_on(give_password(ann)[0].post(CODE, {"code": code})) == WRONG_CODE


def test_a_recovery_code_stands_in_once_and_the_person_is_told(ann: User, clock: Any) -> None:
    _secret, codes = enrol_app(signed_in_by_password(ann))
    client = give_password(ann)[0]
    assert client.post(CODE, {"code": codes[3]}).status_code == 302
    assert is_signed_in(client)
    assert errors_on(give_password(ann)[0].post(CODE, {"code": codes[3]})) == WRONG_CODE
    letter = mails()[-1]
    assert letter.subject == "A recovery code of your Caicaini account was used"
    assert "left: 9" in letter.body
    assert not any(code in letter.body for code in codes)


def test_new_recovery_codes_make_the_former_ones_worthless(ann: User, clock: Any) -> None:
    client = signed_in_by_password(ann)
    _secret, former = enrol_app(client)
    assert "10 codes" in client.get(NEW_CODES).content.decode()
    fresh = recovery_codes_on(client.post(NEW_CODES, follow=True))
    assert len(fresh) == 10
    assert not set(fresh) & set(former)
    assert errors_on(give_password(ann)[0].post(CODE, {"code": former[0]})) == WRONG_CODE
    assert give_password(ann)[0].post(CODE, {"code": fresh[0]}).status_code == 302


def test_recovery_codes_need_something_that_they_stand_in_for(ann: User, clock: Any) -> None:
    client = signed_in_by_password(ann)
    assert client.get(CODES).status_code == 404
    assert "Set one up first" in client.post(NEW_CODES).content.decode()
    assert not Authenticator.objects.exists()


def test_wrong_codes_lock_for_a_while_and_tell_nothing(ann: User, clock: Any) -> None:
    secret, codes = enrol_app(signed_in_by_password(ann))
    clock.shift(timedelta(minutes=10))
    client = give_password(ann)[0]
    for attempt in range(5):
        assert errors_on(client.post(CODE, {"code": f"00000{attempt}x"})) == WRONG_CODE
    locked = [errors_on(client.post(CODE, {"code": code})) for code in (code_of(secret), codes[0], "wrong")]
    assert len(set(locked)) == 1
    assert "Too many" in locked[0]
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    give_password(ann, elsewhere)
    assert "Too many" in errors_on(elsewhere.post(CODE, {"code": code_of(secret)}))
    clock.shift(timedelta(minutes=10))
    assert give_password(ann)[0].post(CODE, {"code": code_of(secret)}).status_code == 302


def test_removing_the_app_takes_the_recovery_codes_along(ann: User, clock: Any) -> None:
    client = signed_in_by_password(ann)
    enrol_app(client)
    assert "Remove the authenticator app?" in client.get(REMOVE_APP).content.decode()
    assert client.post(REMOVE_APP).headers["Location"] == SECURITY
    assert not Authenticator.objects.exists()
    assert give_password(ann)[1].headers["Location"] == "/chat/"


def test_another_app_takes_the_place_of_the_former_one(ann: User, clock: Any) -> None:
    client = signed_in_by_password(ann)
    former, codes = enrol_app(client)
    clock.shift(timedelta(minutes=1))
    secret = secret_on(client.get(APP))
    assert secret != former
    assert client.post(APP, {"code": code_of(secret, later=-1)}).headers["Location"] == SECURITY
    assert Authenticator.objects.filter(type="totp").count() == 1
    assert errors_on(give_password(ann)[0].post(CODE, {"code": code_of(former)})) == WRONG_CODE
    assert give_password(ann)[0].post(CODE, {"code": code_of(secret)}).status_code == 302
    assert give_password(ann)[0].post(CODE, {"code": codes[0]}).status_code == 302


def test_every_change_is_mailed_and_ends_the_other_sign_ins(ann: User, clock: Any) -> None:
    client, other = signed_in_by_password(ann), signed_in_by_password(ann)
    enrol_app(client)
    assert is_signed_in(client)
    assert not is_signed_in(other)
    assert TokenFamily.objects.get(ended_at__isnull=False).end == TokenFamily.End.CREDENTIALS
    client.post(NEW_CODES)
    client.post(REMOVE_APP)
    assert is_signed_in(client)
    assert [subject for subject in subjects() if "second factor" in subject] == [
        "Your Caicaini account has a new second factor",
        "Your Caicaini account has a new second factor",
        "A second factor was removed from your Caicaini account",
    ]
    assert "authenticator app" in mails()[-1].body
    assert all(letter.to == ["ann@example.test"] for letter in mails())


def test_secrets_stand_on_the_pages_that_show_them_and_nowhere_else(
    ann: User, clock: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    client = signed_in_by_password(ann)
    waiting = secret_on(client.get(APP))
    secret, codes = enrol_app(client)
    secrets = [waiting, secret, *codes]
    pages = [client.get(path).content.decode() for path in (SECURITY, CODES, "/account/devices/", REMOVE_APP)]
    said = "".join(capfd.readouterr())
    letters = [f"{letter.subject} {letter.body} {letter.alternatives}" for letter in mails()]
    stored = repr(list(Authenticator.objects.values()))
    sessions = repr([session.get_decoded() for session in _sessions()])
    for place in (*pages, said, *letters, stored, sessions):
        assert not [hidden for hidden in secrets if hidden in place]


def _sessions() -> Any:
    return Session.objects.all()


def test_a_secret_that_waits_for_its_first_code_is_sealed_in_the_session(ann: User, clock: Any) -> None:
    client = signed_in_by_password(ann)
    secret = secret_on(client.get(APP))
    decoded = [session.get_decoded() for session in _sessions()]
    assert any("mfa.totp.secret" in each for each in decoded)
    assert secret not in repr(decoded)


def test_an_address_that_was_never_confirmed_sets_nothing_up(ann: User, clock: Any) -> None:
    EmailAddress.objects.filter(user=ann).update(verified=False)
    client = signed_in_by_password(ann)
    answer = client.get(APP, follow=True)
    assert answer.redirect_chain[-1][0] == SECURITY
    assert "Confirm your e-mail address first" in answer.content.decode()
    EmailAddress.objects.update(verified=True)
    assert secret_on(client.get(APP))


@pytest.mark.parametrize(
    "path",
    [
        APP,
        REMOVE_APP,
        CODES,
        NEW_CODES,
        CONFIRM,
        CONFIRM_CODE,
        "/account/confirm/passkey/",
        "/account/security/passkeys/",
        "/account/security/passkeys/1/name/",
        "/account/security/passkeys/1/remove/",
    ],
)
def test_a_stranger_is_sent_to_sign_in(path: str) -> None:
    for answer in (Client().get(path), Client().post(path)):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/account/login/")
    assert Client().get(SECURITY).headers["Location"] == f"/account/login/?next={SECURITY}"


def test_the_second_step_is_closed_to_who_has_not_taken_the_first(ann: User) -> None:
    assert Client().get(CODE).headers["Location"] == "/account/login/"
    assert Client().post(CODE, {"code": "123456"}).headers["Location"] == "/account/login/"


def test_nobody_touches_the_factors_of_another(ann: User, bob: User, clock: Any) -> None:
    passkey = Authenticator.objects.create(user=ann, type="webauthn", data={"name": "Blue", "credential": {}})
    client = signed_in_by_password(bob)
    for end in ("name", "remove"):
        for answer in (
            client.get(f"{SECURITY}passkeys/{passkey.pk}/{end}/"),
            client.post(f"{SECURITY}passkeys/{passkey.pk}/{end}/"),
        ):
            assert answer.status_code == 404
    assert client.get(REMOVE_APP).status_code == 404
    assert "Blue" not in client.get(SECURITY).content.decode()
    passkey.refresh_from_db()


def test_the_page_costs_few_queries(ann: User, sign_in: SignIn, django_assert_max_num_queries: Any) -> None:
    for number in range(5):
        Authenticator.objects.create(user=ann, type="webauthn", data={"name": f"Key {number}", "credential": {}})
    client = sign_in(ann)
    with django_assert_max_num_queries(5):
        page = client.get(SECURITY)
    assert page.status_code == 200
    assert client.post(SECURITY).status_code == 405


def test_two_forms_at_once_set_up_one_app(ann: User) -> None:
    client, other = signed_in_by_password(ann), signed_in_by_password(ann)
    secrets = [secret_on(each.get(APP)) for each in (client, other)]

    def post(each: Client, secret: str) -> None:
        try:
            each.post(APP, {"code": code_of(secret)})
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(post, (client, other), secrets))
    assert Authenticator.objects.filter(type="totp").count() == 1
    assert Authenticator.objects.filter(type="recovery_codes").count() == 1


def test_proving_anew_changes_the_key_of_the_session(ann: User, clock: Any) -> None:
    client = signed_in_by_password(ann)
    before = TokenFamily.objects.get(ended_at=None).session_key
    clock.shift(timedelta(minutes=1))
    assert client.post(CONFIRM, {"password": password_of(ann), "next": SECURITY}).headers["Location"] == SECURITY
    after = TokenFamily.objects.get(ended_at=None).session_key
    assert after != before
    assert not _sessions().filter(session_key=before).exists()
    assert is_signed_in(client)


PASSKEY_SIGN_IN = "/account/login/passkey/"


NO_PASSKEYS = [
    *("", "x", "null", "[]", "{}", '"x"', "7", '{"id": 1}', '{"id": "AA", "rawId": "AA", "type": "public-key"}'),
    '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AA"}}',
    '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"AA","attestationObject":"AA"}}',
    "[" * 100_000,
]


def test_what_names_no_origin_signs_nobody_in(ann: User, clock: Any) -> None:
    """The library takes it for a text, whatever it is."""
    client = Client()
    client.get(PASSKEY_SIGN_IN, headers={"Accept": "application/json"})
    said = b64encode(b'{"type":"webauthn.get","challenge":"AA","origin":2}').decode()
    response = {"clientDataJSON": said, "authenticatorData": "A" * 50, "signature": "AA"}
    handle = urlsafe_b64encode(ann.uuid.bytes).decode().rstrip("=")
    credential = {"id": "AA", "rawId": "AA", "type": "public-key", "response": {**response, "userHandle": handle}}
    answer = client.post(PASSKEY_SIGN_IN, {"credential": json.dumps(credential)})
    assert answer.headers["Location"] == "/account/login/"


@pytest.mark.parametrize("credential", NO_PASSKEYS)
def test_what_is_no_passkey_signs_nobody_in(credential: str, ann: User, clock: Any) -> None:
    client = Client()
    assert client.get(PASSKEY_SIGN_IN, headers={"Accept": "application/json"}).json()["request_options"]
    answer = client.post(PASSKEY_SIGN_IN, {"credential": credential})
    assert answer.headers["Location"] == "/account/login/"
    assert not is_signed_in(client)


def test_trying_passkeys_from_one_address_ends(ann: User, clock: Any) -> None:
    client = Client()
    for _attempt in range(10):
        assert client.post(PASSKEY_SIGN_IN, {"credential": "x"}).status_code == 302
    assert client.post(PASSKEY_SIGN_IN, {"credential": "x"}).status_code == 429
    assert Client(REMOTE_ADDR="203.0.113.9").post(PASSKEY_SIGN_IN, {"credential": "x"}).status_code == 302


@pytest.mark.parametrize("path", ["/account/confirm/passkey/", "/account/security/passkeys/"])
@pytest.mark.parametrize("credential", NO_PASSKEYS)
def test_what_is_no_passkey_proves_and_adds_nothing(path: str, credential: str, ann: User, clock: Any) -> None:
    client = signed_in_by_password(ann)
    Authenticator.objects.create(user=ann, type="totp", data={"secret": "unreadable"})
    client.post(CONFIRM, {"password": password_of(ann), "next": SECURITY})
    assert client.post(path, {"credential": credential}).status_code in {200, 302}
    assert Authenticator.objects.count() == 1


def test_whoever_waits_with_a_former_password_stays_out(ann: User, clock: Any) -> None:
    owner = signed_in_by_password(ann)
    _secret, codes = enrol_app(owner)
    thief, _answer = give_password(ann)
    new = dict.fromkeys(("password1", "password2"), "nine-green-bottles")
    owner.post("/account/password/", {"oldpassword": password_of(ann), **new})
    ann.refresh_from_db()
    assert ann.check_password("nine-green-bottles")
    assert thief.get("/account/lost-factor/").headers["Location"].startswith("/account/login/")
    assert thief.post(CODE, {"code": codes[0]}).headers["Location"] == "/account/login/"
    assert not is_signed_in(thief)


@pytest.mark.parametrize("stays", [True, False])
def test_staying_signed_in_is_remembered_through_the_second_step(stays: bool, ann: User, clock: Any) -> None:
    secret, _codes = enrol_app(signed_in_by_password(ann))
    TokenFamily.objects.all().delete()
    form = {"remember": "on"} if stays else {}
    client, _answer = give_password(ann, None, **form)
    client.post(CODE, {"code": code_of(secret)})
    assert TokenFamily.objects.get().is_lasting is stays


def test_a_secret_that_no_key_opens_is_a_factor_that_is_lost(ann: User, clock: Any) -> None:
    enrol_app(signed_in_by_password(ann))
    for factor in Authenticator.objects.all():
        name = "secret" if factor.type == "totp" else "seed"
        factor.data[name] = factor.data[name][:-4] + "AAAA"
        factor.save()
    client, _answer = give_password(ann)
    assert errors_on(client.post(CODE, {"code": "123456"})) == WRONG_CODE
    assert client.get("/account/lost-factor/").status_code == 200


@pytest.mark.parametrize("credential", NO_PASSKEYS)
def test_what_is_no_passkey_is_no_second_step(credential: str, ann: User, clock: Any) -> None:
    Authenticator.objects.create(user=ann, type="totp", data={"secret": "unreadable"})
    client, _answer = give_password(ann)
    assert client.post(CODE, {"credential": credential}).status_code == 200
    assert not is_signed_in(client)
