"""Signing in by the form, and out again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from chat.tests.browser.house import PASSWORD, House, Person
from chat.tests.browser.room import Room
from chat.tests.browser.visiting import Visits

pytestmark = pytest.mark.browser


def sign_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("User name or e-mail address").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_the_form_leads_from_the_landing_page_into_the_chat(visits: Visits, ann: Person) -> None:
    page = visits.page("/")
    page.get_by_role("banner").get_by_role("link", name="Sign in").click()
    sign_in(page, ann.name, PASSWORD)
    expect(page).to_have_url(re.compile(r"/chat/$"))
    expect(page.get_by_role("heading", name=f"What would you like to work out, {ann.name}?")).to_be_visible()


def test_a_wrong_password_says_so_and_an_unknown_name_says_the_same(visits: Visits, ann: Person) -> None:
    page = visits.page("/account/login/")
    sign_in(page, ann.name, "wrong-horse")
    said = page.get_by_role("alert")
    expect(said).to_have_text(re.compile("password"))
    expect(page.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
    words = said.inner_text()
    sign_in(page, "nobody-at-all", "wrong-horse")
    expect(said).to_have_text(words)
    expect(page).to_have_url(re.compile(r"/account/login/$"))


def test_who_is_not_signed_in_is_led_back_to_what_they_wanted(
    visits: Visits, house: House, room: Room, ann: Person
) -> None:
    room.ask("Later again")
    room.expect_end()
    address = room.page.url
    page = visits.page(address)
    expect(page).to_have_url(re.compile(r"/account/login/\?next=/chat/"))
    sign_in(page, ann.name, PASSWORD)
    expect(page).to_have_url(address)
    expect(page.locator("article[data-role=assistant]")).to_contain_text("That was all about rivers.")


def test_signing_out_ends_it_in_every_tab(room: Room, visits: Visits) -> None:
    visits.watch.expect(
        "status of 401.*/(account/refresh|chat/sidebar)/"
    )  # a list that is refreshed at that very moment
    second = visits.tab(room.page.context)
    second.box.fill("Half a thought")
    room.page.get_by_role("button", name=re.compile("^ann")).click()
    room.page.get_by_role("button", name="Sign out").click()
    expect(room.page).to_have_url(re.compile(r"/$"))
    expect(second.complaint).to_contain_text("You are signed out. Your unsent text is kept in this tab.")
    expect(second.complaint.get_by_role("link", name="Sign in")).to_be_visible()
    room.page.goto("/chat/")
    expect(room.page).to_have_url(re.compile("/account/login/"))
