"""Small screens, large type, chosen colours, less motion."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from chat.tests.browser.house import House, Person
from chat.tests.browser.visiting import Visits

pytestmark = pytest.mark.browser
TOUCH: dict[str, Any] = {"is_mobile": True, "has_touch": True}
PHONE = ViewportSize(width=390, height=844)
TINY = ViewportSize(width=320, height=640)
# Targets of less than 24 by 24 px that are not links within a line of text.
SMALL_TARGETS = """() => [...document.querySelectorAll("button, a, input, summary, textarea")]
  .filter((element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
  .filter((element) => !element.closest(".prose p, .document p:not(:has(.address)), .document li, .promises dd"))
  .filter((element) => !element.closest(".slip-rule dd, .visually-hidden, .skip-link"))
  .map((element) => [element, (element.closest("label") ?? element).getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([element, box]) => `${element.outerHTML.slice(0, 80)} ${box.width}x${box.height}`)"""
OVERFLOW = """() => {
  const page = document.scrollingElement;
  return [page, ...document.querySelectorAll("#scroller, #sidebar-list, .dock")]
    .filter((element) => element.scrollWidth > element.clientWidth + 1)
    .map((element) => `${element.id || element.tagName} ${element.scrollWidth} > ${element.clientWidth}`);
}"""
PAPER = "getComputedStyle(document.documentElement).backgroundColor"


def expect_to_fit(page: Page) -> None:
    """Nothing scrolls sideways, and no target is too small for a finger."""
    assert page.evaluate(OVERFLOW) == []
    assert page.evaluate(SMALL_TARGETS) == []


def test_a_phone_shows_a_whole_chat_without_sideways_scrolling(visits: Visits, ann: Person) -> None:
    room = visits.room(ann, viewport=PHONE, **TOUCH)
    room.ask_by_touch("On the road")
    room.expect_end()
    for size in (PHONE, TINY):
        room.page.set_viewport_size(size)
        expect(room.box).to_be_in_viewport(ratio=1)
        expect(room.send_button).to_be_in_viewport(ratio=1)
        expect_to_fit(room.page)


@pytest.mark.parametrize("path", ["/", "/account/login/"])
def test_pages_without_a_chat_fit_a_phone(visits: Visits, path: str) -> None:
    page = visits.page(path, viewport=PHONE, **TOUCH)
    for size in (PHONE, TINY):
        page.set_viewport_size(size)
        expect_to_fit(page)


@pytest.mark.parametrize("size", [PHONE, TINY], ids=["phone", "tiny"])
def test_the_sheet_opens_closes_and_keeps_the_focus(
    visits: Visits, house: House, ann: Person, size: ViewportSize
) -> None:
    (title,) = house.clerk.ask("conversations", name=ann.name, days=[0])
    room = visits.room(ann, viewport=size, **TOUCH)
    opener = room.page.get_by_role("button", name="Conversations")
    expect(room.sidebar).not_to_be_in_viewport()
    opener.tap()
    expect(room.links).to_be_in_viewport()
    expect(room.page.locator("#main")).to_have_attribute("inert", "")
    expect(room.page.get_by_role("button", name="Close the list")).to_be_focused()
    expect_to_fit(room.page)
    room.page.get_by_role("button", name="Close the list").tap()
    expect(room.sidebar).not_to_be_in_viewport()
    expect(opener).to_be_focused()
    opener.tap()
    room.links.tap()
    expect(room.page.locator("#conversation-title")).to_have_text(title)
    expect(room.sidebar).not_to_be_in_viewport()


def test_enter_breaks_the_line_where_there_is_only_a_thumb(visits: Visits, ann: Person) -> None:
    room = visits.room(ann, viewport=PHONE, **TOUCH)
    room.box.tap()
    room.page.keyboard.type("one")
    room.page.keyboard.press("Enter")
    room.page.keyboard.type("two")
    expect(room.box).to_have_value("one\ntwo")
    expect(room.questions).to_have_count(0)


def test_a_chosen_theme_stays_also_on_other_pages(visits: Visits, ann: Person) -> None:
    room = visits.room(ann, color_scheme="light")
    light = room.page.evaluate(PAPER)
    room.page.get_by_role("button", name=re.compile("^ann")).click()
    room.page.get_by_role("radio", name="Dark").check()
    expect(room.page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = room.page.evaluate(PAPER)
    assert dark != light
    room.page.reload()
    assert room.page.evaluate(PAPER) == dark
    room.page.goto("/")
    assert room.page.evaluate(PAPER) == dark
    room.page.get_by_role("radio", name="System").check()
    assert room.page.evaluate(PAPER) == light


def test_the_systems_theme_is_followed(visits: Visits) -> None:
    page = visits.page("/", color_scheme="light")
    light = page.evaluate(PAPER)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(PAPER) != light


def test_nothing_moves_for_those_who_want_less_motion(visits: Visits, ann: Person, house: House) -> None:
    room = visits.room(ann, reduced_motion="reduce")
    room.ask("Hold still", "silent")
    expect(room.answer).to_have_attribute("data-thinking", "")  # the provider is there, and holds
    assert room.page.evaluate("document.getAnimations().length") == 0
    house.provider.release()
    room.expect_end()


def test_at_twice_the_size_everything_is_still_there(visits: Visits, ann: Person) -> None:
    # A browser that zooms to 200 % has half as many CSS pixels, each twice as large.
    room = visits.room(ann, viewport={"width": 640, "height": 400}, device_scale_factor=2)
    room.ask("Larger, please")
    room.expect_end()
    expect_to_fit(room.page)
    expect(room.box).to_be_in_viewport(ratio=1)
    expect(room.send_button).to_be_in_viewport(ratio=1)
    expect(room.page.get_by_role("button", name="Conversations")).to_be_in_viewport(ratio=1)


def test_the_newest_line_stays_in_view_unless_the_reader_scrolls_away(
    visits: Visits, ann: Person, house: House
) -> None:
    room = visits.room(ann, viewport={"width": 1280, "height": 420})
    room.ask("Follow me", "held")
    room.expect_middle()
    expect(room.answer.locator("footer")).to_be_in_viewport()
    room.page.mouse.move(700, 150)
    room.page.mouse.wheel(0, -5_000)
    expect(room.questions.first).to_be_in_viewport()
    house.provider.release()
    room.expect_end()
    expect(room.questions.first).to_be_in_viewport()
    room.page.get_by_role("button", name="Jump to newest").click()
    expect(room.receipt).to_be_in_viewport()
