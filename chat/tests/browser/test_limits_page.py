"""Somebody who is limited: the chat says so, the page explains it, an appeal or the check goes by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from chat.tests.browser.house import House, Person
from chat.tests.browser.test_accessibility import expect_no_violations
from chat.tests.browser.visiting import Visits

pytestmark = pytest.mark.browser
NARROW = {"viewport": {"width": 320, "height": 640}}


def test_suspended_person_learns_why_and_appeals_by_keyboard(visits: Visits, house: House, ann: Person) -> None:
    house.clerk.ask("limit", name=ann.name, decision="suspend")
    room = visits.room(ann)
    room.box.fill("Name three rivers.")
    room.box.press("Enter")
    expect(room.complaint).to_contain_text("An operator has suspended this account until")
    expect(room.box).to_have_value("Name three rivers.")
    page = room.page
    page.goto("/account/standing/")
    expect(page.locator("main")).to_contain_text("Even pauses all night.")
    expect_no_violations(page)
    page.get_by_label("Is this wrong?").focus()
    page.keyboard.type("I use a switch to type.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It waits for an answer.")).to_be_visible()
    expect(page.get_by_text("I use a switch to type.")).to_be_visible()
    expect_no_violations(page)


def test_check_is_passed_and_the_chat_goes_on(visits: Visits, house: House, ann: Person) -> None:
    house.clerk.ask("limit", name=ann.name, decision="captcha")
    page = visits.page("/account/standing/", ann, **NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    expect_no_violations(page)
    page.get_by_role("button", name="I am a person").press("Enter")
    expect(page.get_by_text("You have passed the check.")).to_be_visible()
    room = visits.room(ann)
    room.ask("Go on")
    room.expect_end()


def test_ordinary_person_reads_that_nothing_is_wrong(visits: Visits, ann: Person) -> None:
    page = visits.page("/account/standing/", ann, **NARROW)
    expect(page.get_by_text("Nothing limits this account")).to_be_visible()
    expect_no_violations(page)
