"""Terms, policy, changelog, contact, security.txt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client
from django.utils import timezone

from accounts.documents import POLICY_VERSION, TERMS_VERSION
from accounts.models import User
from caicaini.checks import SECURITY_TXT_RESERVE, security_txt_problems
from conftest import SignIn
from tools.places import ROOT

pytestmark = pytest.mark.django_db
PATHS = ["/terms/", "/privacy/", "/changelog/", "/contact/"]
SECURITY_TXT = "/.well-known/security.txt"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def page(path: str) -> str:
    return Client().get(path).content.decode()


@pytest.mark.parametrize("path", PATHS)
def test_anybody_reads_them_and_nothing_is_asked_of_the_database(
    path: str, ann: User, sign_in: SignIn, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0), django_assert_num_queries(0, using="vault"):
        stranger = Client().get(path)
    assert stranger.status_code == 200
    assert "Open the chat" in sign_in(ann).get(path).content.decode()


@pytest.mark.parametrize("path", [*PATHS, SECURITY_TXT])
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_they_are_there_to_read_only(path: str, method: str) -> None:
    assert getattr(Client(), method)(path).status_code == 405


@pytest.mark.parametrize("path", ["/", "/account/login/", "/terms/", "/nowhere/"])
def test_every_page_leads_to_them(path: str) -> None:
    found = page(path)
    for link in PATHS:
        assert f'href="{link}"' in found


def test_they_say_which_version_they_are() -> None:
    assert TERMS_VERSION in page("/terms/")
    assert POLICY_VERSION in page("/privacy/")
    for version in (TERMS_VERSION, POLICY_VERSION):
        assert datetime.fromisoformat(version).date() <= timezone.now().date() + timedelta(days=365)


@pytest.mark.parametrize(
    "words", ["13 or older", "1 credit is 0.01 US dollars", "10 days", "refund", "warranty", "appeal", "legal order"]
)
def test_the_terms_say_what_matters(words: str) -> None:
    assert words in page("/terms/")


def test_the_policy_has_no_gap() -> None:
    found = page("/privacy/")
    assert "protected]" not in found
    assert site.PRIVACY_ADDRESS in found
    assert site.SECURITY_CONTACT in found
    assert "children under 13" in found


def test_the_changelog_is_the_file_with_its_thanks() -> None:
    found = page("/changelog/")
    assert "Security thanks" in found
    assert "Credits: the price before you send" in found
    assert "(SECURITY.md)" not in found
    assert "SECURITY.md" in (ROOT / "CHANGELOG.md").read_text()


def test_security_txt_holds_what_the_rfc_asks_for(settings: Any) -> None:
    answer = Client().get(SECURITY_TXT)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = [line.split(": ", 1) for line in answer.content.decode().splitlines()]
    fields = [name for name, _value in lines]
    assert fields.count("Expires") == 1
    assert fields.count("Preferred-Languages") == 1
    values = dict(lines)
    assert values["Contact"] == f"mailto:{settings.SECURITY_CONTACT}"
    assert values["Canonical"] == f"{settings.SITE_URL}{SECURITY_TXT}"
    assert datetime.fromisoformat(values["Expires"]).tzinfo
    for name in ("Policy", "Acknowledgments"):
        assert Client().get(values[name].removeprefix(settings.SITE_URL)).status_code == 200


def test_security_txt_holds_for_another_30_days_and_less_than_a_year() -> None:
    left = datetime.fromisoformat(site.SECURITY_TXT_EXPIRES) - timezone.now()
    assert SECURITY_TXT_RESERVE < left < timedelta(days=366)


@pytest.mark.parametrize(
    ("expires", "ids"),
    [
        ("2027-01-01T00:00:00Z", []),
        ("2026-12-20T00:00:00Z", ["caicaini.W001"]),
        ("2020-01-01T00:00:00Z", ["caicaini.W001"]),
        ("2027-01-01", ["caicaini.E003"]),
        ("soon", ["caicaini.E003"]),
        ("", ["caicaini.E003"]),
    ],
)
def test_a_check_warns_30_days_before(expires: str, ids: list[str], settings: Any) -> None:
    settings.SECURITY_TXT_EXPIRES = expires
    assert [problem.id for problem in security_txt_problems(NOW)] == ids


def test_the_landing_page_invites_to_sign_up_and_names_the_price() -> None:
    found = page("/")
    assert 'href="/account/signup/"' in found
    assert "Sign-up is not open yet" not in found
    assert f"starts with {site.SIGNUP_GRANT_CREDITS} credits" in found
