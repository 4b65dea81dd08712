"""The list of conversations: by day, page by page, renamed in place, deleted and brought back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from chat.tests.browser.house import House, Person
from chat.tests.browser.room import Room
from chat.tests.browser.visiting import Visits

pytestmark = pytest.mark.browser
REFRESH = re.compile(r"/chat/sidebar/\?current=")


def while_refreshing(visits: Visits, person: Person) -> tuple[Room, list[Route]]:
    """Open the chat, and keep its list's first refresh back until it is continued."""
    room = Room(visits.browser(person).new_page())
    kept: list[Route] = []

    def keep(route: Route) -> None:
        kept.append(route)

    room.page.route(REFRESH, keep, times=1)
    with room.page.expect_request(REFRESH):
        room.page.goto("/chat/")
    return room, kept


def test_delete_takes_it_from_the_list_and_undo_brings_it_back(visits: Visits, house: House, ann: Person) -> None:
    first, second = house.clerk.ask("conversations", name=ann.name, days=[0, 0])
    room = visits.room(ann)
    room.choose(first, "Delete")
    expect(room.links).to_have_text([second])
    expect(room.toasts).to_contain_text("Deleted. Unreadable within minutes, gone within 24 hours.")
    room.page.reload()
    expect(room.links).to_have_text([second])
    room.choose(second, "Delete")
    expect(room.links).to_have_count(0)
    room.toasts.get_by_role("button", name="Undo").click()
    expect(room.links).to_have_text([second])
    expect(room.toasts).to_contain_text("The conversation is back.")
    room.page.reload()
    expect(room.links).to_have_text([second])


def test_deleting_the_open_one_leads_to_an_empty_chat_where_it_can_be_undone(room: Room) -> None:
    room.ask("Delete me while I am open")
    room.expect_end()
    room.choose("Delete me while I am open", "Delete")
    expect(room.page).to_have_url(re.compile(r"/chat/$"))
    expect(room.answers).to_have_count(0)
    expect(room.links).to_have_count(0)
    room.toasts.get_by_role("button", name="Undo").click()
    expect(room.links).to_have_count(1)
    room.links.click()
    room.expect_end()
    expect(room.body).to_contain_text("That was all about rivers.")


def test_deleting_stops_an_answer_that_is_being_written(room: Room, house: House, ann: Person) -> None:
    room.ask("Delete me in the middle", "held")
    room.expect_middle()
    room.choose("Delete me in the middle", "Delete")
    expect(room.page).to_have_url(re.compile(r"/chat/$"))
    expect(room.balance).not_to_have_text(re.compile("held"))
    assert [run["end"] for run in house.runs(ann)] == ["stopped"]
    assert house.clerk.ask("money", name=ann.name)["held"] == 0


def test_a_rename_outlives_a_refresh_that_is_under_way(visits: Visits, house: House, ann: Person) -> None:
    (title,) = house.clerk.ask("conversations", name=ann.name, days=[0])
    room, kept = while_refreshing(visits, ann)
    room.choose(title, "Rename")
    kept.pop().continue_()
    expect(room.page.get_by_role("textbox", name="Title of the conversation")).to_be_focused()


def test_rename_in_place(room: Room) -> None:
    room.ask("A title nobody likes")
    room.expect_end()
    field = room.rename("A title nobody likes")
    field.fill("The delta, in short")
    field.press("Enter")
    expect(room.links).to_have_text("The delta, in short")
    expect(room.page.locator("#conversation-title")).to_have_text("The delta, in short")
    expect(room.page).to_have_title("The delta, in short · Caicaini")
    room.page.reload()
    expect(room.links).to_have_text("The delta, in short")


def test_a_rename_can_be_given_up(visits: Visits, house: House, ann: Person) -> None:
    (title,) = house.clerk.ask("conversations", name=ann.name, days=[0])
    room = visits.room(ann)
    field = room.rename(title)
    field.fill("Never mind")
    field.press("Escape")
    expect(field).to_have_count(0)
    expect(room.links).to_have_text([title])
    expect(room.links).to_be_focused()


def test_the_list_is_grouped_by_the_readers_days(visits: Visits, house: House, ann: Person) -> None:
    house.clerk.ask("conversations", name=ann.name, days=[0, 1, 1, 400])
    room = visits.room(ann)
    days = room.sidebar.locator(".day")
    expect(days).to_have_count(3)
    expect(days.get_by_role("heading")).to_have_text(["Today", "Yesterday", re.compile(r"^\w+ \d{4}$")])
    expect(days.nth(1).get_by_role("link")).to_have_count(2)


def test_older_ones_come_when_they_are_asked_for(visits: Visits, house: House, ann: Person) -> None:
    titles = house.clerk.ask("conversations", name=ann.name, days=[0] * 30 + [1] * 30)
    room = visits.room(ann)
    expect(room.links).to_have_count(50)
    room.sidebar.get_by_role("button", name="Show older ones").scroll_into_view_if_needed()
    expect(room.links).to_have_text(titles)
    expect(room.sidebar.get_by_role("heading")).to_have_text(["Today", "Yesterday"])


def test_another_tab_learns_of_a_new_conversation(room: Room, visits: Visits) -> None:
    second = visits.tab(room.page.context)
    expect(second.links).to_have_count(0)
    room.ask("Seen from afar")
    expect(second.links).to_have_count(1)
    expect(second.links).to_contain_text("Seen from afar")
    room.expect_end()


def test_a_refresh_of_the_list_leaves_the_focus_where_it_is(visits: Visits, house: House, ann: Person) -> None:
    (title,) = house.clerk.ask("conversations", name=ann.name, days=[1])
    room = visits.room(ann)
    button = room.menu_of(title)
    button.focus()
    second = visits.tab(room.page.context)
    second.ask("News from another tab")
    expect(room.links).to_have_count(2)
    expect(button).to_be_focused()
    second.expect_end()


def test_a_conversation_that_was_deleted_elsewhere_takes_no_more_messages(room: Room, visits: Visits) -> None:
    room.ask("Two tabs, one deletion")
    room.expect_end()
    second = visits.tab(room.page.context)
    second.choose("Two tabs, one deletion", "Delete")
    expect(second.links).to_have_count(0)
    expect(room.links).to_have_count(0)
    room.box.fill("Still there?")
    room.box.press("Enter")
    expect(room.complaint).to_have_text("This conversation does not exist, or it was deleted.")
    expect(room.box).to_have_value("Still there?")
    expect(room.questions).to_have_count(1)
