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


def test_a_chat_over_a_slow_link(visits: Visits, house: House, ann: Person) -> None:
    page = visits.browser(ann).new_page()
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
    page.goto("/chat/")
    room = Room(page)
    room.ask("Are you far away?")
    room.expect_end()
    expect(room.body).to_contain_text("That was all about rivers.")
    assert [run["text"] for run in house.runs(ann)] == [RICH]
