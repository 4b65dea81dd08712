"""Pages ride on rotating tokens without knowing: each test is a browser with a jar of cookies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.signals import authentication_step_completed
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import RefreshToken, TokenFamily, User
from accounts.sign_ins import throttle, tokens
from accounts.sign_ins.middleware import PersonsSession, _end_if_gone
from accounts.sign_ins.sessions import Carried
from accounts.signals import family_began, family_ended
from conftest import SignIn

pytestmark = pytest.mark.django_db
LOGIN, REFRESH = "/account/login/", "/account/refresh/"
LATER = timedelta(seconds=301)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def enter(client: Client, name: str = "ann", **fields: str) -> Any:
    return client.post(LOGIN, {"login": name, "password": f"{name}-pass-word", **fields})


def jar(client: Client) -> dict[str, str]:
    return {name: morsel.value for name, morsel in client.cookies.items() if morsel.value}


def is_in(client: Client) -> bool:
    return client.get(REFRESH).status_code == 204


def copy_of(client: Client) -> Client:
    """Give another browser with the same cookies: a thief's, or a second request under way."""
    other = Client()
    other.cookies.load(jar(client))
    return other


def test_signing_in_gives_two_tokens_and_no_session_key(ann: User) -> None:
    client = Client()
    client.get(LOGIN)
    answer = enter(client, remember="on")
    assert set(jar(client)) >= {"access", "refresh"}
    assert settings.SESSION_COOKIE_NAME not in jar(client)
    for name, seconds in (("access", 300), ("refresh", 14 * 86_400)):
        cookie = answer.cookies[name]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (
            True,
            "Lax",
            "/",
            seconds,
        )
    keys = set(Session.objects.values_list("session_key", flat=True))
    assert not any(key in value for key in keys for value in jar(client).values())


def test_a_browser_that_is_not_to_remember_forgets_when_it_is_closed(ann: User) -> None:
    cookie = enter(Client()).cookies["refresh"]
    assert (cookie["max-age"], cookie["expires"]) == ("", "")
    assert not TokenFamily.objects.get().is_lasting


def test_over_tls_cookies_belong_to_this_host_alone(ann: User, settings: Any) -> None:
    settings.IS_TLS, settings.COOKIE_PREFIX = True, "__Host-"
    answer = enter(Client(), remember="on")
    for name in ("__Host-access", "__Host-refresh"):
        cookie = answer.cookies[name]
        assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")


def test_an_access_token_that_is_over_is_exchanged_within_the_request(ann: User, sign_in: SignIn, clock: Any) -> None:
    client = sign_in(ann)
    before = jar(client)
    assert client.get("/chat/").status_code == 200
    assert jar(client) == before | {"csrftoken": jar(client)["csrftoken"]}
    clock.shift(LATER)
    assert client.get("/chat/").status_code == 200
    assert jar(client)["refresh"] != before["refresh"]
    assert jar(client)["access"] != before["access"]


def test_a_form_is_taken_after_the_access_token_is_over(ann: User, sign_in: SignIn, clock: Any) -> None:
    client = sign_in(ann)
    clock.shift(LATER)
    assert client.post("/account/devices/others/").status_code == 302


def test_six_requests_with_one_token_are_all_served(ann: User, sign_in: SignIn, clock: Any) -> None:
    client = sign_in(ann)
    clock.shift(LATER)
    tabs = [copy_of(client) for _ in range(6)]
    assert [tab.get("/chat/").status_code for tab in tabs] == [200] * 6
    assert len({jar(tab)["refresh"] for tab in tabs}) == 2  # the old one, and its only successor
    assert RefreshToken.objects.count() == 2


def test_a_stolen_refresh_token_ends_the_sign_in_for_both(ann: User, sign_in: SignIn, clock: Any) -> None:
    client = sign_in(ann)
    thief = copy_of(client)
    for _ in range(2):
        clock.shift(LATER)
        assert is_in(client)
    assert not is_in(thief)
    assert not is_in(client)
    assert not {"access", "refresh"} & set(jar(client))
    assert not Session.objects.exists()


def test_a_lost_answer_is_no_theft(ann: User, sign_in: SignIn, clock: Any) -> None:
    client = sign_in(ann)
    clock.shift(LATER)
    copy_of(client).get("/chat/")  # its answer never arrives
    clock.shift(LATER)
    assert is_in(client)
    clock.shift(LATER)
    assert is_in(client)


def test_the_session_survives_ninety_days_and_not_one_more(ann: User, clock: Any) -> None:
    client = Client()
    enter(client, remember="on")
    for _ in range(8):
        clock.shift(timedelta(days=11))
        assert client.get("/chat/").status_code == 200
    clock.shift(timedelta(days=2))
    assert client.get("/chat/").status_code == 302
    assert not is_in(client)


def test_signing_out_ends_the_family_and_a_kept_copy_is_worthless(ann: User, sign_in: SignIn, clock: Any) -> None:
    client = sign_in(ann)
    kept = copy_of(client)
    client.post("/account/logout/")
    assert not {"access", "refresh"} & set(jar(client))
    assert not is_in(kept)
    clock.shift(LATER)
    assert not is_in(kept)
    assert TokenFamily.objects.get().end == tokens.End.SIGNED_OUT


def test_a_session_key_from_before_signing_in_never_becomes_a_person(ann: User) -> None:
    client = Client()
    client.get("/account/password/change/")
    client.cookies[settings.SESSION_COOKIE_NAME] = "fixed-by-somebody-else-00000000"
    enter(client)
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = "fixed-by-somebody-else-00000000"
    assert thief.get("/chat/").status_code == 302


def test_not_even_a_stolen_session_key_signs_anybody_in(ann: User, sign_in: SignIn) -> None:
    sign_in(ann)
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = TokenFamily.objects.get().session_key
    for path in ("/chat/", "/account/devices/"):
        assert thief.get(path).status_code == 302
    assert thief.get("/").wsgi_request.user.is_anonymous
    assert Session.objects.count() == 1


def test_a_session_made_past_the_tokens_signs_nobody_in(ann: User) -> None:
    session = SessionStore()
    session.update(
        {
            SESSION_KEY: str(ann.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: ann.get_session_auth_hash(),
        }
    )
    session.create()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    assert client.get("/chat/").status_code == 302
    assert not TokenFamily.objects.exists()


def test_somebody_else_on_the_same_browser_gets_a_sign_in_of_their_own(ann: User, bob: User, sign_in: SignIn) -> None:
    client = sign_in(ann)
    client.post("/account/logout/")
    enter(client, "bob")
    assert TokenFamily.objects.get(ended_at=None).user == bob
    assert TokenFamily.objects.get(user=ann).ended_at


def test_guesses_are_counted_and_soon_cost_no_query(ann: User, sign_in: SignIn, django_assert_num_queries: Any) -> None:
    guesser = Client(REMOTE_ADDR="203.0.113.5")
    for number in range(throttle.MOST_GUESSES):
        guesser.cookies["refresh"] = f"guess{number}"
        assert guesser.get(REFRESH).status_code == 401
    guesser.cookies["refresh"] = jar(sign_in(ann))["refresh"]
    with django_assert_num_queries(0):
        assert guesser.get(REFRESH).status_code == 401
    elsewhere = Client(REMOTE_ADDR="203.0.113.6")
    elsewhere.cookies["refresh"] = jar(sign_in(ann))["refresh"]
    assert is_in(elsewhere)


def test_a_neighbours_guesses_take_nobodys_tokens_away(ann: User, sign_in: SignIn, clock: Any) -> None:
    client = sign_in(ann)
    clock.shift(LATER)
    neighbour = Client()
    for number in range(throttle.MOST_GUESSES):
        neighbour.cookies["refresh"] = f"guess{number}"
        neighbour.get(REFRESH)
    answer = client.get(REFRESH)
    assert (answer.status_code, answer.cookies) == (401, {})
    cache.clear()  # the minute is over
    assert is_in(client)


def prove(client: Client) -> Any:
    return client.post("/account/confirm/", {"password": "ann-pass-word", "next": "/account/"})


def test_a_page_that_is_asked_for_while_the_session_gets_a_new_key_ends_nothing(ann: User) -> None:
    client = Client()
    enter(client)
    other, seen = copy_of(client), []

    def meanwhile(request: Any, **_facts: Any) -> None:
        seen.append(other.get("/account/").status_code)

    authentication_step_completed.connect(meanwhile)
    try:
        assert prove(client).status_code == 302
    finally:
        authentication_step_completed.disconnect(meanwhile)
    assert seen == [200]
    assert TokenFamily.objects.get().ended_at is None
    assert client.get("/account/").status_code == 200
    assert Session.objects.filter(session_key=TokenFamily.objects.get().session_key).count() == 1
    assert Session.objects.count() == 1


def test_a_page_that_was_begun_before_the_session_got_a_new_key_ends_nothing(ann: User) -> None:
    client = Client()
    enter(client)
    family = TokenFamily.objects.select_related("user").get()
    tokens.renew(family, ann, "another-key", timezone.now())
    family.session_key = "the-former-key"
    session = PersonsSession("the-former-key")
    assert session.get(SESSION_KEY) is None
    _end_if_gone(session, Carried(family))
    assert TokenFamily.objects.get().ended_at is None


def test_an_error_after_the_session_got_a_new_key_signs_nobody_out(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    enter(client)
    flow = "allauth.account.internal.flows.reauthentication.resume_request"
    monkeypatch.setattr(flow, lambda _request: 1 / 0)
    assert prove(client).status_code == 500
    assert client.get("/account/").status_code == 200
    assert TokenFamily.objects.get().ended_at is None


@pytest.mark.parametrize("value", ["", "x", "x" * 9_000, "é", "a:b:c", "WyJ4Il0:x"])
@pytest.mark.parametrize("name", ["access", "refresh", "sessionid"])
def test_nonsense_in_a_cookie_is_nobody_and_no_error(name: str, value: str) -> None:
    client = Client()
    client.cookies[name] = value
    assert client.get("/").status_code == 200
    assert client.get("/chat/").status_code == 302


def test_asking_who_is_there_costs_one_query(ann: User, sign_in: SignIn, django_assert_num_queries: Any) -> None:
    client = sign_in(ann)
    with django_assert_num_queries(1):
        assert client.get(REFRESH).status_code == 204
    with django_assert_num_queries(0):
        assert Client().get(REFRESH).status_code == 401


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_refresh_is_only_read(method: str, ann: User, sign_in: SignIn) -> None:
    assert getattr(sign_in(ann), method)(REFRESH).status_code == 405


def test_what_begins_and_ends_is_told(ann: User, django_capture_on_commit_callbacks: Any) -> None:
    told: list[str] = []
    began = lambda family, **_: told.append(f"began {family.user.username}")  # noqa: E731
    ended = lambda user, **_: told.append(f"ended {user == ann.uuid}")  # noqa: E731
    family_began.connect(began)
    family_ended.connect(ended)
    client = Client()
    with django_capture_on_commit_callbacks(execute=True):
        enter(client)
        client.post("/account/logout/")
    assert told == ["began ann", "ended True"]


def test_an_operator_in_the_admin_rides_on_it_too(sam: User, sign_in: SignIn, clock: Any) -> None:
    client = sign_in(sam)
    before = jar(client)["refresh"]
    clock.shift(LATER)
    assert client.get("/admin/accounts/user/").status_code == 200
    assert jar(client)["refresh"] != before


def test_a_page_that_asks_while_a_new_password_is_stored_does_not_end_the_sign_in(
    ann: User, sign_in: SignIn, clock: Any
) -> None:
    client = sign_in(ann)
    clock.shift(LATER)
    family = TokenFamily.objects.get()
    ann.set_password("another-long-pass-word")
    ann.save(update_fields=["password"])
    tab = copy_of(client)
    assert not is_in(tab)
    assert {"access", "refresh"} <= set(jar(tab))  # for the answer that is on its way
    client.cookies["refresh"] = tokens.renew(family, ann, family.session_key, timezone.now())
    assert is_in(client)
