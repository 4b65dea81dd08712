"""A sign-up's signals: coarse, sealed, comparable for 90 days, shown to their owner, and then gone with their key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as site

from accounts import signup, tasks
from accounts.models import SignupSignal, User
from accounts.signals import signup_matched
from accounts.signup import keys
from accounts.signup.disposable import is_disposable
from accounts.signup.origin import Origin, of_headers
from billing.tests.threads import at_once
from caicaini import vault
from caicaini.models import WrappedKey
from privacy import purge

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
NEXT_QUARTER = datetime(2027, 1, 2, 9, tzinfo=UTC)
HOME = Origin("203.0.113.77", "Firefox 145", "Linux", "de")
CHROME = {
    "User-Agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36",
    "Sec-CH-UA": '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
    "Sec-CH-UA-Mobile": "?1",
    "Sec-CH-UA-Platform": '"Android"',
    "Accept-Language": "pt-BR,pt;q=0.9",
}
SAFARI = {
    "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1"
}
Newcomer = Callable[..., User]


# --- What is read ---


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (CHROME, ("Chrome 142", "Android", "pt", True)),
        ({**CHROME, "Sec-CH-UA": ""}, ("Chrome 142", "Android", "pt", True)),
        (SAFARI, ("Safari 19", "iOS", "", True)),
        (
            {
                "User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.3595.94",
                "Accept-Language": "EN-us",
            },
            ("Edge 142", "Windows", "en", False),
        ),
        ({}, ("", "", "", False)),
        ({"User-Agent": "curl/8.9", "Accept-Language": "*", "Sec-CH-UA-Platform": '"<b>"'}, ("", "", "", False)),
    ],
)
def test_an_origin_is_coarse(headers: dict[str, str], expected: tuple[object, ...]) -> None:
    found = of_headers("203.0.113.77", headers)
    assert (found.browser, found.system, found.language, found.is_mobile) == expected


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_addresses_are_compared_by_their_network(address: str, network: str) -> None:
    assert Origin(address, "", "", "").network == network


# --- What is stored ---


@pytest.fixture
def newcomer(db: None) -> Newcomer:
    numbers: Iterator[int] = iter(range(100))

    def sign_up(origin: Origin = HOME, now: datetime = NOW, domain: str = "example.test") -> User:
        name = f"cat{next(numbers)}"
        user = signup.register(name, f"{name}@{domain}", "four-quiet-horses", origin, now)
        assert user
        return user

    return sign_up


@pytest.fixture
def matches() -> Iterator[list[tuple[str, str]]]:
    found: list[tuple[str, str]] = []

    def note(sender: object, user: User, kind: str, evidence: str, now: datetime, **_kwargs: Any) -> None:
        found.append((user.username, kind))
        assert evidence == f"signup:{SignupSignal.objects.get(user=user).uuid}"

    signup_matched.connect(note)
    yield found
    signup_matched.disconnect(note)


def test_the_owner_is_shown_what_is_stored(newcomer: Newcomer, ann: User) -> None:
    shown = signup.shown_to(newcomer())
    assert shown == signup.Shown(
        "203.0.113.77", "Firefox 145", "Linux", "de", False, NOW, NOW + timedelta(days=site.SIGNUP_SIGNAL_DAYS)
    )
    assert signup.shown_to(ann) is None


def test_the_row_tells_nothing_without_its_key(newcomer: Newcomer) -> None:
    newcomer()
    row = SignupSignal.objects.get()
    stored = bytes(row.sealed) + row.network_mark.encode() + row.browser_mark.encode()
    assert b"203" not in bytes(row.sealed)
    for text in (b"Firefox", b"Linux", b"203.0.113"):
        assert text not in stored
    vault.destroy([row.key])
    assert signup.shown_to(row.user) is None


def test_a_row_moved_to_somebody_else_stays_shut(newcomer: Newcomer) -> None:
    first, second = newcomer(), newcomer(Origin("198.51.100.1", "Safari 19", "macOS", "en"))
    mine, theirs = SignupSignal.objects.get(user=first), SignupSignal.objects.get(user=second)
    SignupSignal.objects.filter(pk=mine.pk).update(sealed=bytes(theirs.sealed))
    assert signup.shown_to(first) is None


def test_a_quarter_has_one_key_and_the_next_another(newcomer: Newcomer) -> None:
    for moment in (NOW, NOW + timedelta(days=30), NEXT_QUARTER):
        newcomer(now=moment)
    rows = list(SignupSignal.objects.order_by("created_at"))
    assert rows[0].key == rows[1].key != rows[2].key
    assert rows[0].network_mark == rows[1].network_mark != rows[2].network_mark
    assert WrappedKey.objects.filter(owner__in={row.key for row in rows}).count() == 2


@pytest.mark.parametrize("days", [0, 1, 35, 36, 37, 90, 400])
def test_recent_keys_are_named_back_from_any_day(days: int) -> None:
    owners = keys.recent_owners(NOW + timedelta(days=days))
    assert owners[0] == keys.owner_at(NOW + timedelta(days=days))
    assert len(set(owners)) == keys.QUARTERS_BACK + 1


@pytest.mark.django_db(transaction=True)
def test_forms_sent_at_the_same_moment_make_one_account_and_one_key() -> None:
    def register(number: int) -> User | None:
        return signup.register(f"cat{number}", "cat@example.test", "four-quiet-horses", HOME, NOW)

    made = at_once(4, register)
    assert [user for user in made if isinstance(user, Exception)] == []
    assert len([user for user in made if user]) == User.objects.count() == 1
    assert SignupSignal.objects.count() == EmailAddress.objects.count() == WrappedKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_name_chosen_twice_at_the_same_moment_goes_to_one() -> None:
    def register(number: int) -> User | None:
        return signup.register("cat", f"cat{number}@example.test", "four-quiet-horses", HOME, NOW)

    made = at_once(4, register)
    assert sorted(type(each).__name__ for each in made) == ["User", *(3 * ["ValidationError"])]
    assert User.objects.count() == 1


# --- Letting go ---


def test_rows_go_after_their_days_and_the_key_with_the_last(newcomer: Newcomer) -> None:
    newcomer(now=NOW)
    newcomer(now=NOW + timedelta(days=20))
    key = keys.owner_at(NOW)
    kept_for = timedelta(days=site.SIGNUP_SIGNAL_DAYS)
    assert signup.forget(NOW + kept_for) == 0
    assert signup.forget(NOW + kept_for + timedelta(seconds=1)) == 1
    assert vault.read_existing([key])
    assert signup.forget(NOW + kept_for + timedelta(days=21)) == 1
    assert not vault.read_existing([key])
    assert not SignupSignal.objects.exists()
    assert signup.forget(NOW + kept_for + timedelta(days=22)) == 0


def test_this_quarters_key_stays_though_nothing_needs_it(newcomer: Newcomer) -> None:
    newcomer(now=NOW).delete()
    signup.forget(NOW + timedelta(days=2))
    assert vault.read_existing([keys.owner_at(NOW)])


@pytest.mark.django_db
def test_the_sweep_of_unused_keys_leaves_signal_keys_alone(newcomer: Newcomer) -> None:
    newcomer(now=NOW)
    purge.sweep_unused_keys(NOW + timedelta(days=3))
    assert signup.shown_to(User.objects.get()) is not None
    assert keys.owner_at(NEXT_QUARTER) not in {row.owner for row in WrappedKey.objects.all()}
    later = NEXT_QUARTER + timedelta(days=3)
    newcomer(now=NEXT_QUARTER)
    SignupSignal.objects.all().delete()
    purge.sweep_unused_keys(later)
    assert list(WrappedKey.objects.values_list("owner", flat=True)) == [keys.owner_at(NEXT_QUARTER)]


def test_the_daily_job_forgets(newcomer: Newcomer) -> None:
    newcomer(now=NOW - timedelta(days=365))
    tasks.forget_signup_signals()
    assert not SignupSignal.objects.exists()


# --- Likenesses ---


def test_an_office_is_no_cluster_and_many_are(newcomer: Newcomer, matches: list[tuple[str, str]]) -> None:
    for _person in range(3):
        newcomer()
    assert matches == []
    fourth = newcomer()
    assert matches == [(fourth.username, "duplicate_account")]


@pytest.mark.parametrize(
    "other",
    [
        Origin("203.0.114.77", "Firefox 145", "Linux", "de"),
        Origin("203.0.113.77", "Firefox 146", "Linux", "de"),
        Origin("203.0.113.77", "Firefox 145", "Linux", "fr"),
        Origin("203.0.113.77", "Firefox 145", "Linux", "de", is_mobile=True),
    ],
)
def test_network_and_browser_must_both_be_alike(
    other: Origin, newcomer: Newcomer, matches: list[tuple[str, str]]
) -> None:
    for _person in range(3):
        newcomer()
    newcomer(other)
    assert matches == []


def test_likenesses_are_found_across_the_quarters_end(newcomer: Newcomer, matches: list[tuple[str, str]]) -> None:
    for _person in range(3):
        newcomer(now=NOW)
    newcomer(now=NEXT_QUARTER)
    assert [kind for _name, kind in matches] == ["duplicate_account"]


def test_what_was_forgotten_is_like_nothing(newcomer: Newcomer, matches: list[tuple[str, str]]) -> None:
    for _person in range(3):
        newcomer(now=NOW)
    later = NOW + timedelta(days=91)
    signup.forget(later)
    newcomer(now=later)
    assert matches == []


def test_people_without_an_address_are_not_alike(newcomer: Newcomer, matches: list[tuple[str, str]]) -> None:
    for _person in range(5):
        newcomer(Origin("", "Firefox 145", "Linux", "de"))
    assert matches == []


def test_a_sign_up_that_is_undone_tells_nobody(newcomer: Newcomer, ann: User) -> None:
    for _person in range(3):
        newcomer()
    assert signup.register("dog", ann.email, "four-quiet-horses", HOME, NOW) is None
    assert SignupSignal.objects.count() == 3


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("x@mailinator.com", True),
        ("x@MAILINATOR.COM.", True),
        ("x@inbox.mailinator.com", True),
        ("x@deep.in.yopmail.fr", True),
        ("x@notmailinator.com", False),
        ("x@mailinator.com.example", False),
        ("x@example.test", False),
        ("x@duck.com", False),
        ("x@privaterelay.appleid.com", False),
        ("x@münchen.example", False),
        ("x@" + "a" * 70 + ".com", False),
        ("x@", False),
        ("com", False),
    ],
)
def test_throw_away_domains_are_known_with_what_lies_below_them(address: str, expected: bool) -> None:
    assert is_disposable(address) is expected


def test_a_throw_away_address_is_a_signal_and_no_wall(newcomer: Newcomer, matches: list[tuple[str, str]]) -> None:
    cat = newcomer(domain="mailinator.com")
    assert matches == [(cat.username, "disposable_mail")]
