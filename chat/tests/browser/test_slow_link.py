"""A slow connection: the page can be used, and the answer arrives whole."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from chat.tests.browser.house import House, Person
from chat.tests.browser.provider import RICH
from chat.tests.browser.room import Room
from chat.tests.browser.visiting import Visits

pytestmark = pytest.mark.browser
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}


def slow_down(room: Room) -> None:
    room.page.context.new_cdp_session(room.page).send("Network.emulateNetworkConditions", SLOW)


def test_a_chat_over_a_slow_link(visits: Visits, house: House, ann: Person) -> None:
    room = Room(visits.browser(ann).new_page())
    slow_down(room)
    room.page.goto("/chat/")
    room.ask("Are you far away?")
    room.expect_end()
    expect(room.body).to_contain_text("That was all about rivers.")
    assert [run["text"] for run in house.runs(ann)] == [RICH]


def test_what_is_done_quickly_is_all_done(visits: Visits, house: House, ann: Person) -> None:
    titles = house.clerk.ask("conversations", name=ann.name, days=[0, 0, 0, 0])
    room = visits.room(ann)
    expect(room.links).to_have_count(4)
    slow_down(room)
    for title in titles[:3]:
        room.choose(title, "Delete")
    expect(room.links).to_have_text([titles[3]])
    room.page.reload()
    expect(room.links).to_have_text([titles[3]])
