"""The gate: what an account in each state may still be served, for every purpose there is."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import NotAllowed, NotSignedIn
from accounts.models import User
from accounts.standing import require
from caicaini.personal_data import Purpose

NOW = timezone.now()
STATES: dict[str, dict[str, Any]] = {
    "good": {},
    "inactive": {"is_active": False},
    "closing": {"closing_at": NOW},
    "restricted": {"restricted_at": NOW},
    "closing and restricted": {"closing_at": NOW, "restricted_at": NOW},
    "inactive and closing": {"is_active": False, "closing_at": NOW},
    "unverified": {"email_verified_at": None},
    "unverified and inactive": {"email_verified_at": None, "is_active": False},
}
OPEN = ""
UNVERIFIED = "email_unverified"
INACTIVE, CLOSING, RESTRICTED = "account_inactive", "account_closing", "account_restricted"
# good, inactive, closing, restricted, closing and restricted, inactive and closing, unverified, unverified and inactive
TABLE: dict[Purpose, tuple[str, ...]] = {
    Purpose.CHAT: (OPEN, INACTIVE, CLOSING, RESTRICTED, CLOSING, INACTIVE, UNVERIFIED, INACTIVE),
    Purpose.BILLING: (OPEN, INACTIVE, CLOSING, RESTRICTED, CLOSING, INACTIVE, OPEN, INACTIVE),
    Purpose.ABUSE: (OPEN, INACTIVE, OPEN, RESTRICTED, RESTRICTED, INACTIVE, OPEN, INACTIVE),
    Purpose.ACCOUNT: (OPEN, INACTIVE, OPEN, OPEN, OPEN, INACTIVE, OPEN, INACTIVE),
    Purpose.SECURITY: (OPEN, INACTIVE, OPEN, OPEN, OPEN, INACTIVE, OPEN, INACTIVE),
    Purpose.SUPPORT: (OPEN, INACTIVE, OPEN, OPEN, OPEN, INACTIVE, OPEN, INACTIVE),
    Purpose.LEGAL: (OPEN, INACTIVE, OPEN, OPEN, OPEN, INACTIVE, OPEN, INACTIVE),
    Purpose.OPERATIONS: (OPEN, INACTIVE, OPEN, OPEN, OPEN, INACTIVE, OPEN, INACTIVE),
}


def person(state: dict[str, Any]) -> User:
    return User(**{"username": "ann", "email_verified_at": NOW, **state})


def answer(user: User, purpose: Purpose) -> str:
    try:
        require(user, purpose)
    except NotAllowed as error:
        return error.code
    return OPEN


def test_the_table_knows_every_purpose() -> None:
    assert set(TABLE) == set(Purpose)


@pytest.mark.parametrize("purpose", Purpose)
def test_each_state_of_an_account_stops_what_the_table_says(purpose: Purpose) -> None:
    found = tuple(answer(person(state), purpose) for state in STATES.values())
    assert found == TABLE[purpose]


@pytest.mark.django_db
def test_asking_costs_no_query(ann: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        require(ann, Purpose.CHAT)


@pytest.mark.parametrize("state", ["inactive", "closing", "restricted", "unverified"])
def test_a_refusal_is_said_in_words(state: str) -> None:
    with pytest.raises(NotAllowed) as caught:
        require(person(STATES[state]), Purpose.CHAT)
    assert caught.value.status == 403
    assert "account" in str(caught.value.message)
    assert "ann" not in str(caught.value.message)


def test_errors_speak_to_programs_by_code_and_to_people_in_words() -> None:
    error = NotSignedIn()
    assert error.as_dict()["code"] == "not_signed_in"
    assert error.status == 401
    assert str(error) == "not_signed_in"
