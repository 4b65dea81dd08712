"""A walk over every address, as a stranger, as a customer and as an operator: what all pages have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter, UUIDConverter
from django.urls.resolvers import RoutePattern
from django.utils import timezone

from accounts.models import EmailChange, User
from billing import seeds as price_seeds
from billing.accounts import account_of
from caicaini import audit
from chat import seeds as model_seeds
from conftest import SignIn

pytestmark = pytest.mark.django_db
LEAVES = {"account_logout", "logout", "i18n"}
# A script or style that stands in the page itself; data for a script is none.
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>|<style\b|<[^>]+\s(?:style|on[a-z]+)=[\"']"
)
FOREIGN = re.compile(r"<(?:script|img|iframe|link|form)\b[^>]*(?:src|href|action)=\"(?:https?:)?//")


def addresses(resolver: Any = None, before: str = "/") -> Iterator[str]:
    """Give every address that the site answers, with something plausible for each part that varies."""
    for pattern in (resolver or get_resolver()).url_patterns:
        assert isinstance(pattern, URLPattern | URLResolver)
        path = before + _filled(pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, path)
        elif pattern.name not in LEAVES and "(?P" not in path:
            yield path


def _filled(pattern: URLPattern | URLResolver) -> str:
    inner = pattern.pattern
    if not isinstance(inner, RoutePattern):
        return str(inner).lstrip("^").rstrip("$").replace(r"\Z", "")
    route = str(inner)
    for name, converter in inner.converters.items():
        value = str(UUID(int=1)) if isinstance(converter, UUIDConverter) else "1"
        assert isinstance(converter, IntConverter | UUIDConverter) or name
        route = re.sub(rf"<(?:[a-z_]+:)?{name}>", value, route)
    return route


PATHS = sorted(set(addresses()))


@pytest.fixture
def clients(ann: User, sam: User, sign_in: SignIn) -> dict[str, Client]:
    """Give the three kinds of visitors, in a house where every table of the console has a row."""
    model_seeds.seed()
    price_seeds.seed(timezone.now())
    account_of(ann)
    EmailChange.objects.create(user=ann, old_email="a@x.test", new_email="b@x.test", asked_at=timezone.now())
    audit.record("some.thing", now=timezone.now(), actor=sam.uuid, subject_type="accounts.User", subject=str(ann.uuid))
    return {"stranger": Client(), "customer": sign_in(ann), "operator": sign_in(sam)}


def test_the_walk_finds_the_pages() -> None:
    for path in ("/", "/terms/", "/account/", "/account/login/", "/chat/", "/admin/", "/admin/accounts/user/"):
        assert path in PATHS


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("visitor", ["stranger", "customer", "operator"])
def test_every_page_is_strict_private_and_free_of_inline_code(
    path: str, visitor: str, clients: dict[str, Client]
) -> None:
    answer = clients[visitor].get(path)
    assert answer.status_code < 500
    expect_strict(answer)


def expect_strict(answer: Any) -> None:
    """Check the headers, and that the page brings no code or style of its own, nor anything of another host."""
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "no-store" in answer.headers["Cache-Control"]
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        text = answer.content.decode()
        assert INLINE.findall(text) == []
        assert FOREIGN.findall(text) == []
        assert (
            "<title>" in text or answer.status_code in {302, 405} or "HX-" in str(answer.headers) or "<html" not in text
        )


@pytest.mark.parametrize("path", [path for path in PATHS if not path.startswith("/admin/")])
def test_every_page_outside_the_console_is_in_this_houses_look(path: str, clients: dict[str, Client]) -> None:
    for client in clients.values():
        text = client.get(path).content.decode(errors="replace")
        if "<html" in text:
            assert "caicaini/base.css" in text


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_the_consoles_pages_of_one_row_are_strict_too(model: type[Model], clients: dict[str, Client]) -> None:
    row = model._default_manager.first()
    expect_strict(clients["operator"].get(f"{admin_url(model(), 'changelist')}?q=a"))
    if row is None:
        return
    for action in ("change", "history", "delete"):
        expect_strict(clients["operator"].get(admin_url(row, action)))


def admin_url(row: Model, action: str) -> str:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_{action}"
    return reverse(name, args=[] if action == "changelist" else [row.pk])


@pytest.mark.parametrize(
    ("markup", "is_inline"),
    [
        ("<script>x()</script>", True),
        ('<script type="module">', True),
        ('<p style="color: red">', True),
        ('<a href="#" onclick="x()">', True),
        ("<style>p{}</style>", True),
        ('<script src="/static/x.js" defer></script>', False),
        ('<script id="x" type="application/json">', False),
        ('<p class="style" data-once="1">', False),
    ],
)
def test_the_walk_would_notice_inline_code(markup: str, is_inline: bool) -> None:
    assert bool(INLINE.findall(markup)) is is_inline


# --- Signing out ---


@pytest.mark.parametrize("path", PATHS)
def test_every_page_that_needs_a_sign_in_shows_the_way_out(path: str, clients: dict[str, Client]) -> None:
    stranger = clients["stranger"].get(path)
    if stranger.status_code != 302 or "/login/" not in stranger.headers["Location"]:
        return
    for visitor in ("customer", "operator"):
        answer = clients[visitor].get(path)
        text = answer.content.decode(errors="replace")
        if answer.status_code == 200 and "<html" in text:
            assert "/logout/" in text


@pytest.mark.parametrize("path", ["/account/logout/", "/admin/logout/"])
def test_signing_out_leaves_nothing_on_the_device(path: str, sam: User, sign_in: SignIn) -> None:
    client = sign_in(sam)
    assert "Clear-Site-Data" not in client.get("/account/").headers
    assert client.post(path).headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in client.get("/").headers


def test_the_consoles_own_password_form_leads_to_the_accounts(sam: User, sign_in: SignIn) -> None:
    client = sign_in(sam)
    form = {"old_password": "sam-pass-word", "new_password1": "four-quiet-horses", "new_password2": "four-quiet-horses"}
    for answer in (client.get("/admin/password_change/"), client.post("/admin/password_change/", form)):
        assert answer.headers["Location"] == "/account/password/"
    assert User.objects.get(pk=sam.pk).check_password("sam-pass-word")


def test_somebody_who_is_not_there_has_nothing_to_forget(db: None) -> None:
    assert "Clear-Site-Data" not in Client().get("/account/logout/").headers


def test_the_policy_names_no_foreign_host() -> None:
    assert "http" not in str(settings.CONTENT_SECURITY_POLICY)
