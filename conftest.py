"""The cast of every test - ann (customer), bob (another customer), sam (staff) - and the one way to sign in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connections
from django.test import Client, TransactionTestCase

from accounts import testing
from accounts.models import User
from caicaini import append_only, pool
from caicaini.management.commands.prepare import make_folders

SignIn = Callable[[User], Client]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give every test that uses the database both of them: Django forbids the vault otherwise."""
    marker = item.get_closest_marker("django_db")
    uses_database = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    if (marker or uses_database) and not (marker and "databases" in marker.kwargs):
        options: dict[str, Any] = dict(marker.kwargs) if marker else {}
        options.setdefault("transaction", "transactional_db" in getattr(item, "fixturenames", ()))
        item.add_marker(pytest.mark.django_db(**options, databases="__all__"), append=False)


_flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # the stub leaves private names out


def _flush_without_triggers(self: TransactionTestCase) -> None:
    """Django's flush deletes rows, which append-only tables refuse: take their triggers off for as long."""
    connection = connections["default"]
    append_only.remove(connection)
    _flush(self)
    append_only.install(connection)


TransactionTestCase._fixture_teardown = _flush_without_triggers  # type: ignore[attr-defined]


@pytest.fixture(scope="session", autouse=True)
def folders() -> None:
    """Create the folders that `manage.py prepare` creates."""
    make_folders()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Close the pool's connections before the test databases are dropped."""
    yield
    with django_db_blocker.unblock():
        pool.close_connections()


@pytest.fixture(autouse=True)
def quick_hashing(settings: Any) -> None:
    """Argon2id as in production, with the least work: its cost is not what these tests are about."""
    settings.PASSWORD_HASHERS = ["caicaini.testing.QuickArgon2"]


@pytest.fixture(autouse=True)
def sign_in_often(settings: Any) -> None:
    """Tests have no Turnstile, and from one address they sign in more often than is allowed without it."""
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_without_captcha": None}


def make_user(name: str, **rights: Any) -> User:
    return get_user_model().objects.create_user(name, f"{name}@example.test", f"{name}-pass-word", **rights)


@pytest.fixture
def ann(db: None) -> User:
    return make_user("ann")


@pytest.fixture
def bob(db: None) -> User:
    return make_user("bob")


@pytest.fixture
def sam(db: None) -> User:
    return make_user("sam", is_staff=True, is_superuser=True)


@pytest.fixture
def sign_in() -> SignIn:
    """Give a client that is signed in as somebody; no other test code may know how that is done."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.cookies.load(testing.sign_in(user))
        return client

    return signed_in
