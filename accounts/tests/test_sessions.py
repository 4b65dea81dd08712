"""Who is there: the same from a page's request and from a socket's scope, and nobody in doubt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import testing
from accounts.models import TokenFamily, User
from accounts.sign_ins import tokens
from accounts.sign_ins.sessions import Carried, carry, family_of, identify, open_socket, signed_in, still_there
from accounts.sign_ins.tokens import Device, End, Kind
from conftest import SignIn

pytestmark = pytest.mark.django_db
Headers = list[tuple[bytes, bytes]]


def scope_of(*cookies: str, bearer: str | None = None) -> dict[str, Any]:
    headers: Headers = [(b"host", b"testserver"), *((b"cookie", cookie.encode()) for cookie in cookies)]
    if bearer is not None:
        headers.append((b"authorization", bearer.encode()))
    return {"type": "websocket", "headers": headers}


def request_of(family: TokenFamily | None, **headers: str) -> HttpRequest:
    request = RequestFactory().get("/here/?a=b&c=d", headers=headers)
    carry(request, Carried(family))
    return request


@pytest.fixture
def access(ann: User, bob: User) -> str:
    testing.sign_in(bob)
    return testing.sign_in(ann)["access"]


@pytest.fixture
def family(access: str, ann: User) -> TokenFamily:
    return TokenFamily.objects.select_related("user").get(user=ann)


def test_a_request_and_a_scope_name_the_same_person(ann: User, family: TokenFamily, access: str) -> None:
    held = open_socket(scope_of(f"access={access}"))
    assert held
    assert (held.family, held.family.user) == (family, ann)
    assert identify(request_of(family)) == ann
    assert family_of(request_of(family)) == family


def test_a_request_that_never_passed_the_middleware_is_nobody() -> None:
    assert identify(RequestFactory().get("/")) is None
    assert identify(request_of(None)) is None


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
def test_the_cookie_is_found_among_others(wrap: Callable[[str], list[str]], ann: User, access: str) -> None:
    cookies = wrap(f"access={access}")
    held = open_socket(scope_of(*cookies))
    assert held
    assert held.family.user == ann
    page = Client(headers={"Cookie": "; ".join(cookies)}).get("/")
    assert identify(page.wsgi_request) == ann


@pytest.mark.parametrize(
    "cookies",
    [
        [],
        [""],
        ["access="],
        ["access=short"],
        ["access=" + "x" * 9_000],
        ['access="; DROP TABLE'],
        ["access=\u00ff\u00fe"],
        ['access="\\000\\377"'],
        ["=" * 100],
        ["sessionid=" + "x" * 32],
    ],
)
def test_a_cookie_that_nobody_was_given_is_nobody(
    cookies: list[str], access: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert open_socket(scope_of(*cookies)) is None


def test_a_scope_without_headers_is_nobody() -> None:
    assert open_socket({"type": "websocket"}) is None


def test_a_refresh_token_opens_no_socket(ann: User) -> None:
    assert open_socket(scope_of(f"refresh={testing.sign_in(ann)['refresh']}")) is None


@pytest.mark.parametrize("prefix", ["Bearer ", "bearer ", "BEARER   "])
def test_a_programs_token_comes_in_its_header(prefix: str, ann: User) -> None:
    family, _refresh = tokens.begin(ann, Kind.CLI, Device(), timezone.now())
    held = open_socket(scope_of(bearer=prefix + tokens.access_token(family, timezone.now())))
    assert held
    assert held.family == family


def test_each_kind_of_token_is_good_for_its_own_place_only(ann: User, access: str) -> None:
    family, _refresh = tokens.begin(ann, Kind.CLI, Device(), timezone.now())
    of_program = tokens.access_token(family, timezone.now())
    assert open_socket(scope_of(bearer=f"Bearer {access}")) is None
    assert open_socket(scope_of(f"access={of_program}")) is None
    assert open_socket(scope_of(f"access={access}", bearer="Bearer nonsense")) is None
    assert Client(headers={"Cookie": f"access={of_program}"}).get("/account/refresh/").status_code == 401


@pytest.mark.parametrize("change", ["is_active", "password", "gone", "ended"])
def test_a_sign_in_that_is_over_is_nobody(change: str, ann: User, family: TokenFamily, access: str) -> None:
    held = open_socket(scope_of(f"access={access}"))
    assert held
    match change:
        case "gone":
            ann.delete()
        case "ended":
            tokens.end(family, End.REVOKED, timezone.now())
        case _:
            User.objects.filter(pk=ann.pk).update(**{change: {"is_active": False, "password": "!"}[change]})
    assert open_socket(scope_of(f"access={access}")) is None
    assert still_there(held) is None


def test_an_open_socket_outlives_its_access_token_but_not_its_sign_in(ann: User, access: str) -> None:
    held = open_socket(scope_of(f"access={access}"))
    assert held
    with time_machine.travel(timezone.now() + timedelta(seconds=301)):
        assert open_socket(scope_of(f"access={access}")) is None
        assert held.until < timezone.now()
        assert still_there(held) == ann
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        assert still_there(held) is None


def test_finding_out_costs_one_query(access: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        held = open_socket(scope_of(f"access={access}"))
    assert held
    with django_assert_num_queries(1):
        still_there(held)


@signed_in
def page(request: HttpRequest, user: User, number: int) -> HttpResponse:
    return HttpResponse(f"{user.username} {number}")


@pytest.mark.parametrize(
    ("method", "target"), [("get", "/here/%3Fa%3Db%26c%3Dd"), ("head", "/here/%3Fa%3Db%26c%3Dd"), ("post", "/chat/")]
)
def test_a_stranger_is_sent_to_sign_in_and_back(method: str, target: str) -> None:
    request = getattr(RequestFactory(), method)("/here/?a=b&c=d")
    answer = page(request, 7)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/account/login/?next={target}")


def test_htmx_is_told_to_leave_the_page_instead_of_swapping_a_form_into_it() -> None:
    answer = page(request_of(None, HX_Request="true"), 7)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/account/login/")
    assert isinstance(answer, HttpResponse)
    assert answer.content == b""


def test_a_view_gets_the_person_and_its_arguments(family: TokenFamily) -> None:
    answer = page(request_of(family), 7)
    assert isinstance(answer, HttpResponse)
    assert answer.content == b"ann 7"
    assert page.__name__ == "page"


def test_the_fixture_signs_in_whom_it_is_told(sign_in: SignIn, ann: User) -> None:
    assert identify(sign_in(ann).get("/").wsgi_request) == ann
