"""The reader's time zone comes from a cookie that anybody can write anything into."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from caicaini.zones import COOKIE, UTC_ZONE, zone_of


def zone(cookie: str) -> str:
    request = RequestFactory().get("/")
    request.COOKIES[COOKIE] = cookie
    return zone_of(request).key


@pytest.mark.parametrize("name", ["Europe/Berlin", "Asia/Shanghai", "America/Argentina/Buenos_Aires", "UTC"])
def test_a_zone_is_understood_plain_and_encoded(name: str) -> None:
    assert zone(name) == zone(name.replace("/", "%2F")) == name


@pytest.mark.parametrize(
    "cookie", ["", "Nowhere/City", "../../etc/passwd", "/etc/localtime", "Europe", "Europe/", "a" * 500, "\x00", "é"]
)
def test_anything_else_is_utc(cookie: str) -> None:
    assert zone(cookie) == "UTC"


@given(st.text())
def test_no_cookie_breaks_a_page(cookie: str) -> None:
    assert zone(cookie)


def test_no_cookie_is_utc() -> None:
    assert zone_of(RequestFactory().get("/")) is UTC_ZONE
