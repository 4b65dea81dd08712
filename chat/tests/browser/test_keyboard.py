"""Everything by keyboard alone, and the focus is always to be seen."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from chat.tests.browser.house import PASSWORD, House, Person
from chat.tests.browser.room import Room
from chat.tests.browser.visiting import Visits

pytestmark = pytest.mark.browser
MOST_STOPS = 60
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# What tells the focused element, or the box around it, from the rest: a line around it, or a shadow.
IS_MARKED = """(element) => {
  const marks = (node, pseudo) => {
    const style = getComputedStyle(node, pseudo);
    const isLined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1.5;
    return isLined || style.boxShadow.includes("0px 0px 0px 3px");
  };
  const around = [element, element.parentElement, element.nextElementSibling].filter(Boolean);
  return around.some((node) => marks(node));
}"""
IS_INSIDE = (
    "document.querySelector('dialog').contains(document.activeElement) || document.activeElement === document.body"
)
NAME = "(element) => `${element.tagName} ${element.id} ${element.textContent.trim().slice(0, 40)}`"


def focused(page: Page) -> Locator:
    return page.locator(":focus")


def go_to_the_start(page: Page) -> None:
    """Let the next Tab lead to the first stop of the page."""
    page.evaluate("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')")


def tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    """Press a key until the target has the focus."""
    for _ in range(MOST_STOPS):
        if target.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError("the keyboard does not get there")


def test_signing_in_writing_sending_and_stopping(visits: Visits, ann: Person) -> None:
    page = visits.page("/account/login/")
    expect(page.get_by_label("User name or e-mail address")).to_be_focused()
    page.keyboard.type(ann.name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    room = Room(page)
    expect(room.box).to_be_focused()
    page.keyboard.type("By hand [[scenario:held]]")
    page.keyboard.press("Enter")
    room.expect_middle()
    page.keyboard.press("Escape")
    room.expect_end("stopped")
    expect(room.box).to_be_focused()


def test_the_skip_link_comes_first_and_leads_to_the_box(room: Room) -> None:
    expect(room.box).to_be_focused()
    go_to_the_start(room.page)
    room.page.keyboard.press("Tab")
    expect(focused(room.page)).to_have_text("Skip to the message box")
    room.page.keyboard.press("Enter")
    expect(room.box).to_be_focused()


def test_renaming_deleting_and_undoing(visits: Visits, house: House, ann: Person) -> None:
    first, second = house.clerk.ask("conversations", name=ann.name, days=[0, 0])
    room = visits.room(ann)
    keyboard = room.page.keyboard
    tab_to(room.page, room.menu_of(first), "Shift+Tab")
    keyboard.press("Enter")
    tab_to(room.page, room.page.get_by_role("button", name="Rename"))
    keyboard.press("Enter")
    field = room.page.get_by_role("textbox", name="Title of the conversation")
    expect(field).to_be_focused()
    keyboard.press("Control+a")
    keyboard.type("By keyboard")
    keyboard.press("Enter")
    expect(room.links).to_have_text(["By keyboard", second])
    expect(room.links.first).to_be_focused()
    tab_to(room.page, room.menu_of("By keyboard"))
    keyboard.press("Enter")
    tab_to(room.page, room.page.get_by_role("button", name="Delete"))
    keyboard.press("Enter")
    expect(room.links).to_have_text([second])
    expect(focused(room.page)).to_have_count(1)
    tab_to(room.page, room.toasts.get_by_role("button", name="Undo"))
    keyboard.press("Enter")
    expect(room.links).to_have_text(["By keyboard", second])


def test_escape_closes_a_menu_and_gives_the_focus_back(visits: Visits, house: House, ann: Person) -> None:
    (title,) = house.clerk.ask("conversations", name=ann.name, days=[0])
    room = visits.room(ann)
    tab_to(room.page, room.menu_of(title), "Shift+Tab")
    room.page.keyboard.press("Enter")
    expect(room.page.locator("#conversation-menu")).to_be_visible()
    room.page.keyboard.press("Escape")
    expect(room.page.locator("#conversation-menu")).to_be_hidden()
    expect(room.menu_of(title)).to_be_focused()


def test_a_model_is_picked_with_the_arrow_keys(room: Room) -> None:
    button = room.page.locator("#composer-model")
    tab_to(room.page, button)
    room.page.keyboard.press("Enter")
    tab_to(room.page, room.page.get_by_role("radio", name=re.compile("Claude Sonnet")))
    room.page.keyboard.press("ArrowDown")
    expect(room.page.get_by_role("radio", name=re.compile("Claude Opus"))).to_be_checked()
    room.page.keyboard.press("Enter")
    expect(room.page.locator("#model-picker")).to_be_hidden()
    expect(button).to_contain_text("Claude Opus")
    expect(button).to_be_focused()


def test_a_question_mark_shows_the_shortcuts_and_the_focus_comes_back(room: Room) -> None:
    dialog = room.page.get_by_role("dialog", name="Keyboard shortcuts")
    room.page.keyboard.type("?")
    expect(room.box).to_have_value("?")
    link = room.page.locator("#new-conversation")
    link.focus()
    room.page.keyboard.press("?")
    expect(dialog).to_be_visible()
    for _ in range(5):
        room.page.keyboard.press("Tab")
        assert room.page.evaluate(IS_INSIDE), "the dialog keeps the focus"
    room.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()
    room.page.keyboard.press("/")
    expect(room.box).to_be_focused()


def test_single_character_shortcuts_can_be_switched_off(room: Room) -> None:
    dialog = room.page.get_by_role("dialog", name="Keyboard shortcuts")
    link = room.page.locator("#new-conversation")
    link.focus()
    room.page.keyboard.press("?")
    room.page.get_by_role("checkbox", name=re.compile("single character")).uncheck()
    room.page.keyboard.press("Escape")
    room.page.reload()
    link.focus()
    room.page.keyboard.press("?")
    room.page.keyboard.press("/")
    expect(link).to_be_focused()
    expect(dialog).to_be_hidden()


def test_the_focus_is_always_to_be_seen_in_both_themes(room: Room) -> None:
    room.ask("Look at the ring")
    room.expect_end()
    for theme in THEMES:
        room.page.emulate_media(color_scheme=theme)
        go_to_the_start(room.page)
        assert len(walk(room.page)) >= 12


def walk(page: Page) -> set[str]:
    """Press Tab through the whole page, looking at each stop; gives their names."""
    seen = set()
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if focused(page).count() == 0:
            break  # the browser's own controls come next
        name = focused(page).evaluate(NAME)
        assert focused(page).evaluate(IS_MARKED), name
        assert focused(page).evaluate("(element) => element.checkVisibility({ opacityProperty: true })"), name
        seen.add(name)
    return seen
