"""Every kind of answer carries the protecting headers, and errors speak the language of who asks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import Client
from django.urls import path

from accounts.errors import NotAllowed
from accounts.models import User
from caicaini import urls
from conftest import SignIn
from tools.places import ROOT

pytestmark = pytest.mark.django_db
Ask = Callable[[Client], HttpResponseBase]
PROGRAM = {"Accept": "application/json"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def refuse(request: HttpRequest) -> HttpResponse:
    raise NotAllowed("Not today <b>.")


def broken(request: HttpRequest) -> HttpResponse:
    raise ValueError("words of somebody")


urlpatterns = [*urls.urlpatterns, path("refuse/", refuse), path("broken/", broken)]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500

ANSWERS: dict[str, tuple[int, Ask]] = {
    "landing": (200, lambda client: client.get("/")),
    "health": (200, lambda client: client.get("/healthz")),
    "login": (200, lambda client: client.get("/account/login/")),
    "redirect": (302, lambda client: client.get("/chat/")),
    "console": (302, lambda client: client.get("/admin/")),
    "not found": (404, lambda client: client.get("/nowhere/")),
    "not found for a program": (404, lambda client: client.get("/nowhere/", headers=PROGRAM)),
    "missing static file": (404, lambda client: client.get("/static/nowhere.js")),
    "csrf": (403, lambda client: client.post("/account/login/", {"login": "ann"})),
    "wrong method": (405, lambda client: client.get(f"/chat/{UUID(int=1)}/delete/")),
    "wrong host": (400, lambda client: client.get("/", headers={"Host": "elsewhere.example"})),
    "refusal": (403, lambda client: client.get("/refuse/")),
    "bug": (500, lambda client: client.get("/broken/")),
    "bug for a program": (500, lambda client: client.get("/broken/", headers=PROGRAM)),
}


@pytest.fixture
def client(settings: Any) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


def assert_protected(answer: HttpResponseBase) -> None:
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "http" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in answer.headers["Permissions-Policy"]


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_kind_of_answer_is_protected_and_stored_nowhere(kind: str, client: Client) -> None:
    status, ask = ANSWERS[kind]
    answer = ask(client)
    assert answer.status_code == status
    assert_protected(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    if kind != "wrong host":  # refused before the middleware that sets it; frame-ancestors stands for it
        assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("page", ["/chat/", "/admin/", "/admin/accounts/user/", "/account/logout/"])
def test_pages_of_somebody_signed_in_are_protected_and_stored_nowhere(page: str, sam: User, sign_in: SignIn) -> None:
    answer = sign_in(sam).get(page)
    assert answer.status_code == 200
    assert_protected(answer)
    assert "no-store" in answer.headers["Cache-Control"]


def test_static_files_may_be_cached_and_set_no_cookie(client: Client) -> None:
    answer = client.get("/static/caicaini/base.css")
    assert answer.status_code == 200
    assert "no-store" not in answer.headers["Cache-Control"]
    assert "max-age=" in answer.headers["Cache-Control"]
    assert not answer.cookies
    assert_protected(answer)
    answer.close()


def test_over_tls_even_the_redirect_to_https_and_a_wrong_host_are_protected(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 31_536_000
    client = Client(raise_request_exception=False)  # the middleware reads its settings when it is made
    redirect = client.get("/chat/?a=b")
    assert (redirect.status_code, redirect.headers["Location"]) == (301, "https://testserver/chat/?a=b")
    wrong = client.get("/", headers={"Host": "elsewhere.example"})
    assert wrong.status_code == 400
    assert client.get("/healthz").status_code == 200
    assert "max-age=31536000" in client.get("/", secure=True).headers["Strict-Transport-Security"]
    assert_protected(redirect)
    assert_protected(wrong)


def test_a_refusal_is_a_page_for_people(client: Client) -> None:
    for headers in ({}, BROWSER):
        page = client.get("/refuse/", headers=headers)
        assert page.status_code == 403
        assert page.headers["Content-Type"].startswith("text/html")
        assert "Not today &lt;b&gt;." in page.content.decode()
        assert "not_allowed" in page.content.decode()


@pytest.mark.parametrize("accept", ["application/json", "*/*", "image/avif,*/*"])
def test_a_refusal_is_json_for_programs(accept: str, client: Client) -> None:
    answer = client.get("/refuse/", headers={"Accept": accept})
    assert answer.status_code == 403
    assert json.loads(answer.content) == {"code": "not_allowed", "message": "Not today <b>."}


@pytest.mark.parametrize(
    ("kind", "code"), [("not found for a program", "not_found"), ("bug for a program", "internal")]
)
def test_other_errors_are_json_for_programs_too(kind: str, code: str, client: Client) -> None:
    answer = ANSWERS[kind][1](client)
    assert isinstance(answer, HttpResponse)
    assert json.loads(answer.content)["code"] == code
    assert b"words of somebody" not in answer.content


def test_a_form_from_elsewhere_is_refused_in_plain_words(client: Client) -> None:
    page = client.post("/account/login/", {"login": "ann", "password": "x"}, headers=BROWSER)
    assert page.status_code == 403
    assert "Reload the page" in page.content.decode()
    told = client.post("/account/login/", {"login": "ann", "password": "x"}, headers=PROGRAM)
    assert json.loads(told.content)["code"] == "csrf"


def test_the_page_for_a_bug_asks_nothing_of_the_database(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0), django_assert_num_queries(0, using="vault"):
        assert b"Something broke on our side" in ANSWERS["bug"][1](client).content  # type: ignore[attr-defined]


def test_no_page_shows_what_went_wrong_inside(client: Client) -> None:
    for _status, ask in ANSWERS.values():
        answer = ask(client)
        body = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]
        for word in (b"Traceback", b"ValueError", b"words of somebody", str(ROOT).encode(), b"DJANGO"):
            assert word not in body
