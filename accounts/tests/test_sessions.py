"""`identify` tells who is there, the same from a page's request and from a socket's scope, and nobody in doubt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.models import User
from accounts.sessions import identify, session_key, signed_in
from conftest import SignIn

pytestmark = pytest.mark.django_db
NAME = settings.SESSION_COOKIE_NAME
Headers = list[tuple[bytes, bytes]]


def cookie_of(client: Client) -> str:
    return client.cookies[NAME].value


def scope_of(*cookies: str) -> dict[str, Any]:
    headers: Headers = [(b"host", b"testserver"), *((b"cookie", cookie.encode()) for cookie in cookies)]
    return {"type": "websocket", "headers": headers}


def request_of(cookie: str | None) -> HttpRequest:
    request = RequestFactory().get("/")
    request.session = SessionStore(cookie)
    return request


@pytest.fixture
def anns_cookie(ann: User, bob: User, sign_in: SignIn) -> str:
    sign_in(bob)
    return cookie_of(sign_in(ann))


def test_a_request_and_a_scope_name_the_same_person(ann: User, anns_cookie: str) -> None:
    for source in (request_of(anns_cookie), scope_of(f"{NAME}={anns_cookie}")):
        assert identify(source) == ann
        assert session_key(source) == anns_cookie


@pytest.mark.parametrize(
    "wrap",
    [
        lambda cookie: [f"csrftoken=abc; {cookie}; zone=Europe%2FParis"],
        lambda cookie: ["csrftoken=abc", cookie],
        lambda cookie: [cookie, "zone=UTC"],
        lambda cookie: [f'prefs={{"a":[1,2]}}; {cookie}'],
        lambda cookie: [f"bad name=1; =; ;;; {cookie}"],
        lambda cookie: [f"caf\u00e9=1; {cookie}"],
        lambda cookie: [f"  {cookie}  "],
    ],
    ids=["among others", "second header", "first header", "after JSON", "after garbage", "after Latin-1", "spaces"],
)
def test_the_cookie_is_found_among_others(wrap: Callable[[str], list[str]], ann: User, anns_cookie: str) -> None:
    cookies = wrap(f"{NAME}={anns_cookie}")
    assert identify(scope_of(*cookies)) == ann
    page = Client(headers={"Cookie": "; ".join(cookies)}).get("/")
    assert identify(page.wsgi_request) == ann


@pytest.mark.parametrize(
    "cookies",
    [
        [],
        [""],
        [f"{NAME}="],
        [f"{NAME}=short"],
        [f"{NAME}=" + "x" * 32],
        [f"{NAME}=" + "x" * 9_000],
        [f'{NAME}="; DROP TABLE'],
        [f"{NAME}=\u00ff\u00fe"],
        [f'{NAME}="\\000\\377"'],
        ["=" * 100],
        [f"not{NAME}=" + "x" * 32],
    ],
)
def test_a_cookie_that_nobody_was_given_is_nobody(cookies: list[str], anns_cookie: str) -> None:
    before = Session.objects.count()
    assert identify(scope_of(*cookies)) is None
    assert Session.objects.count() == before


def test_a_scope_without_headers_is_nobody() -> None:
    assert identify({"type": "websocket"}) is None
    assert session_key({"type": "websocket"}) == ""


def test_an_expired_session_is_nobody(anns_cookie: str) -> None:
    Session.objects.filter(session_key=anns_cookie).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert identify(scope_of(f"{NAME}={anns_cookie}")) is None
    assert identify(request_of(anns_cookie)) is None


def test_a_session_that_was_ended_is_nobody(anns_cookie: str) -> None:
    Session.objects.filter(session_key=anns_cookie).delete()
    assert identify(scope_of(f"{NAME}={anns_cookie}")) is None


@pytest.mark.parametrize("change", ["is_active", "password", "gone"])
def test_a_session_of_somebody_who_may_not_is_nobody(change: str, ann: User, anns_cookie: str) -> None:
    if change == "gone":
        ann.delete()
    else:
        User.objects.filter(pk=ann.pk).update(**{change: {"is_active": False, "password": "!"}[change]})
    assert identify(scope_of(f"{NAME}={anns_cookie}")) is None
    assert identify(request_of(anns_cookie)) is None


@pytest.mark.parametrize(
    "forged",
    [
        {},
        {HASH_SESSION_KEY: ""},
        {HASH_SESSION_KEY: "0" * 64},
        {BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend"},
        {BACKEND_SESSION_KEY: ""},
        {SESSION_KEY: "999999"},
    ],
)
def test_session_data_that_was_tampered_with_is_nobody(forged: dict[str, str], ann: User, anns_cookie: str) -> None:
    row = Session.objects.get(session_key=anns_cookie)
    if forged:
        data = {**row.get_decoded(), **forged}
        row.session_data = SessionStore().encode(data)
    else:
        row.session_data = row.session_data[:-3] + "abc"  # the signature
    row.save()
    assert identify(scope_of(f"{NAME}={anns_cookie}")) is None


def test_finding_out_costs_two_queries_and_nobody_costs_one(anns_cookie: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        identify(scope_of(f"{NAME}={anns_cookie}"))
    with django_assert_num_queries(1):
        identify(scope_of(f"{NAME}={'x' * 32}"))
    with django_assert_num_queries(0):
        identify(scope_of())


@signed_in
def page(request: HttpRequest, user: User, number: int) -> HttpResponse:
    return HttpResponse(f"{user.username} {number}")


@pytest.mark.parametrize(
    ("method", "target"), [("get", "/here/%3Fa%3Db%26c%3Dd"), ("head", "/here/%3Fa%3Db%26c%3Dd"), ("post", "/chat/")]
)
def test_a_stranger_is_sent_to_sign_in_and_back(method: str, target: str) -> None:
    request = getattr(RequestFactory(), method)("/here/?a=b&c=d")
    request.session = SessionStore()
    answer = page(request, 7)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/account/login/?next={target}")


def test_htmx_is_told_to_leave_the_page_instead_of_swapping_a_form_into_it() -> None:
    request = RequestFactory().get("/here/", headers={"HX-Request": "true"})
    request.session = SessionStore()
    answer = page(request, 7)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/account/login/")
    assert isinstance(answer, HttpResponse)
    assert answer.content == b""


def test_a_view_gets_the_person_and_its_arguments(anns_cookie: str) -> None:
    request = RequestFactory().get("/here/", headers={"HX-Request": "true"})
    request.session = SessionStore(anns_cookie)
    answer = page(request, 7)
    assert isinstance(answer, HttpResponse)
    assert answer.content == b"ann 7"
    assert page.__name__ == "page"
