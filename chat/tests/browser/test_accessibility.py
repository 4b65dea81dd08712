"""No violation that axe can find, on any page, in any state, in both themes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from chat.tests.browser.house import House, Person
from chat.tests.browser.visiting import Visits

pytestmark = pytest.mark.browser
THEMES = pytest.mark.parametrize("theme", ["light", "dark"])
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


# A model may begin with a heading of the second level: WCAG allows it, axe advises against it.
OF_ANSWERS = {"rules": {"heading-order": {"enabled": False}}}


def expect_no_violations(page: Page, options: dict[str, Any] | None = None) -> None:
    found = Axe().run(page, options=options).response["violations"]
    assert not found, json.dumps([_summary(each) for each in found], indent=1)


def _summary(violation: dict[str, Any]) -> dict[str, Any]:
    return {"id": violation["id"], "help": violation["help"], "nodes": [node["html"] for node in violation["nodes"]]}


@THEMES
@pytest.mark.parametrize("path", ["/", "/account/login/", "/account/logout/", "/account/signup/", "/nowhere/"])
def test_pages_without_a_chat(visits: Visits, ann: Person, theme: str, path: str) -> None:
    visits.watch.expect("status of 404")
    person = ann if path == "/account/logout/" else None
    expect_no_violations(visits.page(path, person, color_scheme=theme, reduced_motion="reduce"))


@THEMES
def test_an_empty_chat_with_its_list(visits: Visits, house: House, ann: Person, theme: str) -> None:
    house.clerk.ask("conversations", name=ann.name, days=[0, 1, 3])
    expect_no_violations(visits.room(ann, color_scheme=theme, reduced_motion="reduce").page)


@THEMES
def test_a_finished_chat_with_code_table_and_maths(visits: Visits, ann: Person, theme: str) -> None:
    room = visits.room(ann, color_scheme=theme, reduced_motion="reduce")
    room.ask("All of it")
    room.expect_end()
    room.receipt.click()
    expect_no_violations(room.page, OF_ANSWERS)


@THEMES
def test_an_answer_being_written_and_one_that_failed(visits: Visits, ann: Person, theme: str) -> None:
    room = visits.room(ann, color_scheme=theme, reduced_motion="reduce")
    room.ask("Break", "401")
    room.expect_end("failed")
    room.page.goto("/chat/")
    room.ask("Go on", "held")
    room.expect_middle()
    expect_no_violations(room.page, OF_ANSWERS)


@THEMES
def test_menus_dialog_and_news(visits: Visits, house: House, ann: Person, theme: str) -> None:
    first, second = house.clerk.ask("conversations", name=ann.name, days=[0, 0])
    room = visits.room(ann, color_scheme=theme, reduced_motion="reduce")
    room.page.locator("#composer-model").click()
    expect_no_violations(room.page)
    room.page.keyboard.press("Escape")
    room.choose(first, "Delete")
    expect(room.toasts.get_by_role("button", name="Undo")).to_be_visible()
    room.choose(second, "Rename")
    expect_no_violations(room.page)
    room.page.keyboard.press("Escape")
    room.page.locator("#new-conversation").focus()
    room.page.keyboard.press("?")
    expect(room.page.get_by_role("dialog")).to_be_visible()
    expect_no_violations(room.page)


@THEMES
def test_a_phone_with_its_sheet(visits: Visits, ann: Person, theme: str) -> None:
    room = visits.room(ann, color_scheme=theme, reduced_motion="reduce", **PHONE)
    room.ask_by_touch("On the road")
    room.expect_end()
    expect_no_violations(room.page, OF_ANSWERS)
    room.page.get_by_role("button", name="Conversations").tap()
    expect(room.links).to_be_visible()
    expect_no_violations(room.page, OF_ANSWERS)
