"""Signing in and out through the pages: by name or address, not by guessing, and never to another site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import testing
from accounts.models import TokenFamily, User
from accounts.sign_ins.sessions import identify
from accounts.tests.writings import wide
from caicaini.personal_data import register
from caicaini.testing import QuickArgon2
from conftest import SignIn

pytestmark = pytest.mark.django_db
LOGIN, LOGOUT = "/account/login/", "/account/logout/"
PASSWORD = "ann-pass-word"
ADDRESS = "203.0.113.77"


@pytest.fixture(autouse=True)
def no_attempts_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def try_to_sign_in(name: str, password: str = PASSWORD, client: Client | None = None, **form: str) -> Any:
    return (client or Client()).post(LOGIN, {"login": name, "password": password, **form})


def is_signed_in(client: Client) -> bool:
    return client.get("/chat/").status_code == 200


@pytest.mark.parametrize(
    "name", ["ann", "ANN", " Ann ", wide("ann"), "ann@example.test", "Ann@Example.TEST", wide("ANN") + "@example.test"]
)
def test_a_name_or_an_address_in_any_writing_signs_in(name: str, ann: User, bob: User) -> None:
    client = Client()
    answer = try_to_sign_in(name, client=client)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/chat/")
    assert identify(client.get("/").wsgi_request) == ann
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ann", "wrong"),
        ("ann", "ANN-PASS-WORD"),
        ("ann", "bob-pass-word"),
        ("nobody", PASSWORD),
        ("nobody@example.test", PASSWORD),
        ("ann", ""),
        ("", PASSWORD),
        ("ann\x00", PASSWORD),
        ("%", PASSWORD),
    ],
)
def test_nothing_else_signs_in_and_the_answer_tells_nothing(name: str, password: str, ann: User, bob: User) -> None:
    client = Client()
    answer = try_to_sign_in(name, password, client)
    assert answer.status_code == 200
    assert not is_signed_in(client)
    if name and password:
        plain = "not correct" in answer.content.decode() or "null characters" in answer.content.decode().lower()
        assert plain


def test_an_unknown_name_and_a_wrong_password_get_the_same_words(ann: User) -> None:
    def errors(name: str, password: str) -> list[str]:
        return [str(error) for error in try_to_sign_in(name, password).context["form"].non_field_errors()]

    assert errors("ann", "wrong") == errors("nobody", "wrong") != []
    assert errors("ann@example.test", "wrong") == errors("nobody@example.test", "wrong") != []


def test_an_inactive_person_stays_out_with_the_right_password(ann: User) -> None:
    User.objects.filter(pk=ann.pk).update(is_active=False)
    client = Client()
    try_to_sign_in("ann", client=client)
    assert not is_signed_in(client)


def test_somebody_switched_off_is_out_at_the_next_request(ann: User, sign_in: SignIn) -> None:
    client = sign_in(ann)
    assert is_signed_in(client)
    User.objects.filter(pk=ann.pk).update(is_active=False)
    assert not is_signed_in(client)


def test_a_changed_password_ends_every_other_session(ann: User, sign_in: SignIn) -> None:
    client = sign_in(ann)
    ann.set_password("another-pass-word")
    ann.save()
    assert not is_signed_in(client)


@pytest.mark.parametrize("name", ["ann", "nobody", "nobody@example.test", "inactive"])
def test_every_refusal_takes_one_hash(name: str, ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    User.objects.create_user("inactive", "inactive@example.test", "x-pass-word", is_active=False)
    hashed: list[str] = []

    def counted(method: str) -> Callable[..., Any]:
        real = getattr(Argon2PasswordHasher, method)

        def counting(*arguments: Any) -> Any:
            hashed.append(method)
            return real(*arguments)

        return counting

    for method in ("encode", "verify"):
        monkeypatch.setattr(QuickArgon2, method, counted(method))
    try_to_sign_in(name, "wrong")
    assert len(hashed) == 1


def test_a_session_gets_a_new_key_at_sign_in(ann: User) -> None:
    client = Client()
    client.cookies[site.SESSION_COOKIE_NAME] = "fixed-by-somebody-else-00000000"
    try_to_sign_in("ann", client=client)
    assert client.cookies[site.SESSION_COOKIE_NAME].value != "fixed-by-somebody-else-00000000"


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "///elsewhere.example",
        "http:elsewhere.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "https:elsewhere.example",
        " //elsewhere.example",
        "https://testserver@elsewhere.example/",
        "https://testserver.elsewhere.example/",
        "\thttps://elsewhere.example",
        "http://[elsewhere.example",
    ],
)
def test_no_way_leads_from_sign_in_or_sign_out_to_another_site(target: str, ann: User, sign_in: SignIn) -> None:
    answers = [
        try_to_sign_in("ann", next=target),
        Client().post(f"{LOGIN}?next={target}", {"login": "ann", "password": PASSWORD}),
        sign_in(ann).get(LOGIN, {"next": target}),
        sign_in(ann).post(LOGOUT, {"next": target}),
        sign_in(ann).get("/admin/login/", {"next": target}),
    ]
    for answer in answers:
        assert answer.status_code in {302, 403}
        assert "elsewhere.example" not in answer.headers.get("Location", "").split("?")[0]
        assert not answer.headers.get("Location", "").startswith(("javascript", "data"))


def test_sign_in_leads_back_to_where_one_wanted_to_go(ann: User) -> None:
    client = Client()
    wanted = client.get("/chat/?model=demo")
    assert wanted.headers["Location"] == f"{LOGIN}?next=/chat/%3Fmodel%3Ddemo"
    answer = try_to_sign_in("ann", client=client, next="/chat/?model=demo")
    assert answer.headers["Location"] == "/chat/?model=demo"


def test_signing_out_needs_a_post_and_ends_the_session(ann: User, sign_in: SignIn) -> None:
    client = sign_in(ann)
    page = client.get(LOGOUT)
    assert page.status_code == 200
    assert is_signed_in(client)
    key = TokenFamily.objects.get().session_key
    assert client.post(LOGOUT).headers["Location"] == "/"
    assert not is_signed_in(client)
    assert not Session.objects.filter(session_key=key).exists()
    assert client.post(LOGOUT).status_code == 302


def test_signing_out_needs_a_form_of_this_site(ann: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies.load(testing.sign_in(ann))
    assert client.post(LOGOUT).status_code == 403
    assert is_signed_in(client)


def test_guessing_at_one_account_ends_after_five_attempts_from_anywhere(ann: User) -> None:
    for attempt in range(5):
        assert "too many" not in _words(try_to_sign_in("ann", "wrong", Client(REMOTE_ADDR=f"203.0.113.{attempt}")))
    locked = try_to_sign_in("ann", PASSWORD, Client(REMOTE_ADDR="203.0.113.99"))
    assert "too many" in _words(locked)


def test_name_and_address_of_one_account_are_counted_together(ann: User) -> None:
    for attempt in range(5):
        try_to_sign_in("ann", "wrong", Client(REMOTE_ADDR=f"203.0.113.{attempt}"))
    assert "too many" in _words(try_to_sign_in("ann@example.test", PASSWORD, Client(REMOTE_ADDR="203.0.113.99")))


def test_what_is_too_long_for_a_name_is_not_even_normalised(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of accents takes time with its square: a million of them would hold the process for minutes."""
    monkeypatch.setattr("accounts.adapter.normalised", lambda _text: pytest.fail("it was normalised"))
    answer = try_to_sign_in("a" + "\u0301\u0327" * 2_000, "wrong")
    assert "too long" in str(answer.context["form"].errors["login"])


def test_other_writings_of_a_name_are_no_new_attempts(ann: User) -> None:
    for number, name in enumerate(["ann", "ANN", wide("A") + "nn", "a" + wide("nn"), "an" + wide("n")]):
        try_to_sign_in(name, "wrong", Client(REMOTE_ADDR=f"203.0.113.{number}"))
    assert "too many" in _words(try_to_sign_in(wide("ANN"), PASSWORD, Client(REMOTE_ADDR="203.0.113.99")))


def test_guessing_at_many_accounts_from_one_address_ends_too(ann: User) -> None:
    client = Client(REMOTE_ADDR=ADDRESS)
    for number in range(10):
        assert "too many" not in _words(try_to_sign_in(f"name-{number}", "wrong", client))
    assert "too many" in _words(try_to_sign_in("ann", PASSWORD, client))
    assert try_to_sign_in("ann", PASSWORD, Client(REMOTE_ADDR="203.0.113.78")).status_code == 302


def test_signing_in_rightly_uses_up_no_attempts(ann: User) -> None:
    for _attempt in range(8):
        assert try_to_sign_in("ann").status_code == 302


def _words(answer: Any) -> str:
    form = answer.context["form"] if answer.context else None
    return str(form.non_field_errors()).lower() if form else ""


def test_the_visitors_address_and_name_are_stored_nowhere(ann: User) -> None:
    client = Client(REMOTE_ADDR=ADDRESS, headers={"X-Forwarded-For": ADDRESS, "User-Agent": "Kanarie/1.0"})
    try_to_sign_in("Kanarienvogel", "wrong", client)
    try_to_sign_in("ann", client=client)
    assert client.get("/chat/").status_code == 200
    everything = _all_rows() + _all_of_the_cache()
    assert "ann@example.test" in everything  # so it would be found
    for secret in (ADDRESS, "Kanarie"):
        assert secret.lower() not in everything.lower()


def _all_rows() -> str:
    """Give every value of every table as text, sessions decoded."""
    found: list[object] = [session.get_decoded() for session in Session.objects.all()]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += cursor.fetchall()
    return repr(found)


def _keys_of_the_cache() -> list[str]:
    """Name what the cache holds, in memory or in Redis."""
    stored: Any = cache
    if hasattr(stored, "keys"):
        return [str(key) for key in stored.keys("*")]
    return [key.split(":", 2)[2] for key in stored._cache]  # after the prefix and the version


def _all_of_the_cache() -> str:
    return repr([(key, cache.get(key)) for key in _keys_of_the_cache()])


def test_every_key_in_the_cache_is_declared_in_the_data_map(ann: User) -> None:
    client = Client()
    try_to_sign_in("ann", "wrong", client)
    try_to_sign_in("ann", client=client)
    client.get("/chat/")
    declared = [key.pattern for key in register().cache_keys]
    keys = _keys_of_the_cache()
    assert keys
    assert [key for key in keys if not any(fnmatch(key, pattern) for pattern in declared)] == []


def test_signing_in_writes_when_and_nothing_else_about_it(ann: User) -> None:
    before = timezone.now()
    client = Client()
    try_to_sign_in("ann", client=client)
    stored = User.objects.get(pk=ann.pk)
    assert stored.last_login is not None
    assert stored.last_login >= before
    request = client.get("/").wsgi_request
    assert identify(request) == ann
