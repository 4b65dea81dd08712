"""No violation that axe can find, on any page, in any state, in both themes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from chat.tests.browser.house import House, Person
from chat.tests.browser.room import Room
from chat.tests.browser.visiting import Visits

pytestmark = pytest.mark.browser
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
# A model may begin with a heading of the second level: WCAG allows it, axe advises against it.
ALL_RULES = {"rules": {"heading-order": {"enabled": False}}}
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}  # nothing else depends on the theme


def expect_no_violations(page: Page) -> None:
    """Check everything in the light theme, and by night what may differ."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    found = _violations(page, ALL_RULES)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += _violations(page, COLOURS)
    assert not found, json.dumps(found, indent=1)


def _violations(page: Page, options: dict[str, Any]) -> list[dict[str, Any]]:
    found = Axe().run(page, options=options).response["violations"]
    return [
        {"id": each["id"], "help": each["help"], "nodes": [node["html"] for node in each["nodes"]]} for each in found
    ]


@pytest.mark.parametrize("path", ["/", "/account/login/", "/account/signup/", "/nowhere/"])
def test_pages_without_a_chat(visits: Visits, path: str) -> None:
    visits.watch.expect("status of 404")
    expect_no_violations(visits.page(path))


def test_a_form_with_an_error(visits: Visits) -> None:
    page = visits.page("/account/login/")
    page.get_by_label("User name or e-mail address").fill("nobody")
    page.get_by_label("Password").fill("wrong-horse")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect_no_violations(page)


def test_an_empty_chat_with_its_list(visits: Visits, house: House, ann: Person) -> None:
    house.clerk.ask("conversations", name=ann.name, days=[0, 1, 3])
    expect_no_violations(visits.room(ann).page)


def test_a_finished_chat_with_code_table_and_maths(room: Room) -> None:
    room.ask("All of it")
    room.expect_end()
    room.receipt.click()
    expect(room.answer.locator(".slip")).to_be_visible()
    expect_no_violations(room.page)


def test_an_answer_being_written(room: Room) -> None:
    room.ask("Go on", "held")
    room.expect_middle()
    expect_no_violations(room.page)


def test_an_answer_that_failed_and_a_message_that_was_refused(room: Room) -> None:
    room.ask("Break", "401")
    room.expect_end("failed")
    room.box.fill("x" * 100_001)
    room.box.press("Enter")
    expect(room.complaint).to_be_visible()
    expect_no_violations(room.page)


def test_menus_dialog_and_news(visits: Visits, house: House, ann: Person) -> None:
    first, second = house.clerk.ask("conversations", name=ann.name, days=[0, 0])
    room = visits.room(ann)
    room.page.locator("#composer-model").click()
    expect_no_violations(room.page)
    room.page.keyboard.press("Escape")
    room.choose(first, "Delete")
    expect(room.toasts.get_by_role("button", name="Undo")).to_be_visible()
    room.rename(second)
    expect_no_violations(room.page)
    room.page.keyboard.press("Escape")
    room.page.locator("#new-conversation").focus()
    room.page.keyboard.press("?")
    expect(room.page.get_by_role("dialog")).to_be_visible()
    expect_no_violations(room.page)


def test_a_phone_with_its_sheet(visits: Visits, ann: Person) -> None:
    room = visits.room(ann, **PHONE)
    room.ask_by_touch("On the road")
    room.expect_end()
    expect_no_violations(room.page)
    room.page.get_by_role("button", name="Conversations").tap()
    expect(room.links).to_be_visible()
    expect_no_violations(room.page)
