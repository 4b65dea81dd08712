"""What attempts are counted by: never an address or a name, but the same thing for the same visitor on the same day."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.http import HttpRequest
from django.test import RequestFactory

from accounts.adapter import AccountAdapter
from accounts.tests.writings import wide

DAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
ADDRESSES = ["203.0.113.77", "2001:db8:1:2:3:4:5:6", "::1", "::ffff:203.0.113.77"]


def request_from(address: str | None, **headers: str) -> HttpRequest:
    request = RequestFactory().get("/", headers=headers)
    request.META.pop("REMOTE_ADDR")
    if address is not None:
        request.META["REMOTE_ADDR"] = address
    return request


def counted_by(address: str | None, **headers: str) -> str:
    return AccountAdapter().get_client_ip(request_from(address, **headers))


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_replaced_by_a_hash(address: str) -> None:
    found = counted_by(address)
    assert re.fullmatch(r"[0-9a-f]{32}", found)
    assert found == counted_by(address)
    assert found != counted_by("198.51.100.1")


def test_a_hash_tells_nothing_the_day_after_nor_without_the_key(settings: Any) -> None:
    with time_machine.travel(DAY, tick=False):
        today = counted_by(ADDRESSES[0])
    with time_machine.travel(DAY.replace(day=24), tick=False):
        assert counted_by(ADDRESSES[0]) != today
    settings.SECRET_KEY = "another" * 8
    with time_machine.travel(DAY, tick=False):
        assert counted_by(ADDRESSES[0]) != today


def test_a_household_with_many_ipv6_addresses_is_one_visitor() -> None:
    assert counted_by("2001:db8:1:2::1") == counted_by("2001:db8:1:2:ffff:ffff:ffff:ffff")
    assert counted_by("2001:db8:1:2::1") != counted_by("2001:db8:1:3::1")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP"])
def test_a_visitor_cannot_choose_what_he_is_counted_by(header: str) -> None:
    assert counted_by(ADDRESSES[0], **{header: "198.51.100.1"}) == counted_by(ADDRESSES[0])


@pytest.mark.parametrize("address", [None, "", "unix:", "not an address"])
def test_visitors_without_an_address_are_counted_together(address: str | None) -> None:
    assert counted_by(address) == counted_by(None)


@pytest.mark.django_db
def test_a_name_is_counted_in_its_normal_form_and_not_readable() -> None:
    request = request_from(ADDRESSES[0])

    def key(**credentials: str) -> str:
        return AccountAdapter()._get_login_attempts_cache_key(request, **credentials)

    assert key(username=wide("Ann")) == key(username=" ann", password="x") != key(username="bob")
    assert key(username="Ann@Example.test", email="Ann@Example.test") == key(email="ann@example.TEST")
    assert "ann" not in key(username="ann")
    assert key() == key(username="")
