"""Stop: the answer keeps what was there, the person pays for that, and can go on at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from billing.rates import CREDIT
from chat.tests.browser.house import House, Person
from chat.tests.browser.provider import MIDDLE, RICH
from chat.tests.browser.room import Room
from chat.tests.browser.visiting import Visits

pytestmark = pytest.mark.browser


def test_stop_keeps_the_partial_text_and_frees_the_composer(room: Room, house: House, ann: Person) -> None:
    room.ask("Stop me", "held")
    room.expect_middle()
    expect(room.send_button).to_be_hidden()
    room.stop_button.click()
    room.expect_end("stopped")
    expect(room.stop_button).to_be_hidden()
    expect(room.body).to_contain_text("Count them, one by one.")
    kept = room.html
    (run,) = house.runs(ann)
    assert "one by one" in run["text"]
    assert RICH[:MIDDLE].startswith(run["text"])
    room.page.reload()
    room.expect_end("stopped")
    assert room.html == kept
    room.ask("And on")
    room.expect_end()


def test_the_receipt_of_a_stopped_answer_says_so(room: Room, house: House, ann: Person) -> None:
    room.ask("Stop me", "held")
    room.expect_middle()
    room.stop_button.click()
    room.expect_end("stopped")
    (run,) = house.runs(ann)
    assert (run["rule"], run["source"]) == ("stopped", "estimated")
    expect(room.receipt).to_contain_text("stopped")
    room.receipt.click()
    expect(room.answer.locator(".slip")).to_contain_text("estimated in your favour")
    expect(room.answer.locator(".slip")).to_contain_text("You stopped it: the input is billed")
    assert house.clerk.ask("money", name=ann.name) == {"available": 500 * CREDIT - run["cost"], "held": 0}


def test_stopping_before_anything_came_costs_nothing(room: Room, house: House, ann: Person) -> None:
    room.ask("Never mind", "hang")
    room.stop_button.click()
    room.expect_end("stopped")
    expect(room.receipt).to_contain_text("0.00 credits")
    assert [(run["rule"], run["cost"]) for run in house.runs(ann)] == [("stopped_early", 0)]


def test_a_stop_in_one_tab_ends_it_in_the_other(room: Room, visits: Visits, house: House) -> None:
    room.ask("Two tabs", "held")
    room.expect_middle()
    second = visits.tab(room.page.context, room.page.url)
    second.expect_middle()
    second.stop_button.click()
    for tab in (second, room):
        tab.expect_end("stopped")
    assert room.html == second.html
