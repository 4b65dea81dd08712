"""A reply belongs to the server: reloads, second tabs and closed browsers change nothing about it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from chat.tests.browser.house import House, Person
from chat.tests.browser.provider import RICH
from chat.tests.browser.room import Room
from chat.tests.browser.visiting import Visits

pytestmark = pytest.mark.browser


def test_a_reload_in_the_middle_loses_and_doubles_nothing(room: Room, house: House, ann: Person) -> None:
    room.ask("Reload me", "held")
    room.expect_middle()
    room.page.reload()
    room.expect_middle()
    house.provider.release()
    room.expect_end()
    streamed = room.html
    assert [run["text"] for run in house.runs(ann)] == [RICH]
    room.page.reload()
    room.expect_end()
    assert room.html == streamed
    expect(room.answers).to_have_count(1)


def test_what_streamed_without_a_break_is_what_a_reload_shows(room: Room, house: House, ann: Person) -> None:
    room.ask("Straight through")
    room.expect_end()
    streamed, foot = room.html, room.answer.locator("footer").inner_html()
    room.page.reload()
    room.expect_end()
    assert room.html == streamed
    assert room.answer.locator("footer").inner_html() == foot
    assert [run["text"] for run in house.runs(ann)] == [RICH]


def test_a_second_tab_shows_the_same_answer_while_it_is_written(room: Room, visits: Visits, house: House) -> None:
    room.ask("Two tabs", "held")
    room.expect_middle()
    second = visits.tab(room.page.context, room.page.url)
    second.expect_middle()
    house.provider.release()
    for tab in (room, second):
        tab.expect_end()
    assert second.html == room.html


def test_a_tab_that_is_open_already_shows_what_another_one_sends(room: Room, visits: Visits, house: House) -> None:
    room.ask("First tab")
    room.expect_end()
    second = visits.tab(room.page.context, room.page.url)
    room.ask("Once more", "held")
    expect(second.questions.last).to_contain_text("Once more")
    second.expect_middle()
    house.provider.release()
    second.expect_end()
    expect(second.answers).to_have_count(2)
    assert second.html == room.html


def test_closing_the_browser_does_not_stop_the_answer(room: Room, visits: Visits, house: House, ann: Person) -> None:
    room.ask("I am leaving", "held")
    room.expect_middle()
    address = room.page.url
    room.page.context.close()
    house.provider.release()
    later = visits.room(ann, address)
    later.expect_end()
    expect(later.body).to_contain_text("That was all about rivers.")
    assert [(run["end"], run["text"]) for run in house.runs(ann)] == [("finished", RICH)]


def test_going_back_and_forth_finds_the_conversation_again(room: Room) -> None:
    room.ask("There and back")
    room.expect_end()
    room.page.go_back()
    expect(room.page).to_have_url(re.compile(r"/chat/$"))
    expect(room.answers).to_have_count(0)
    room.page.go_forward()
    room.expect_end()
    expect(room.body).to_contain_text("That was all about rivers.")


def test_unsent_words_survive_a_reload(room: Room) -> None:
    room.box.fill("Not sent yet")
    room.page.reload()
    expect(room.box).to_have_value("Not sent yet")
