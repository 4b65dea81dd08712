"""What a screen reader is told: when an answer begins and ends, and never each piece of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from chat.tests.browser.house import House
from chat.tests.browser.room import Room

pytestmark = pytest.mark.browser
IN_A_LIVE_REGION = """(element) => Boolean(element.closest(
  "[aria-live]:not([aria-live=off]), [role=status], [role=alert], [role=log], output:not([aria-live=off])"))"""


def test_beginning_and_end_are_announced_and_the_stream_is_not(room: Room, house: House) -> None:
    expect(room.status).to_have_attribute("role", "status")
    room.ask("Read to me", "held")
    expect(room.status).to_have_text("Answering")
    room.expect_middle()
    expect(room.answer).to_have_attribute("aria-busy", "true")
    expect(room.status).to_have_text("Answering")
    assert not room.body.evaluate(IN_A_LIVE_REGION)
    house.provider.release()
    room.expect_end()
    expect(room.status).to_contain_text("The answer is complete. Rivers of the delta")
    expect(room.answer).not_to_have_attribute("aria-busy", "true")


def test_each_message_says_who_speaks(room: Room) -> None:
    room.ask("Who is there?")
    room.expect_end()
    expect(room.page.get_by_role("article", name="You")).to_contain_text("Who is there?")
    expect(room.page.get_by_role("article", name="Claude Sonnet 5.5")).to_contain_text("Rivers of the delta")


def test_a_stop_and_a_failure_are_announced(room: Room) -> None:
    room.ask("Stop me", "held")
    room.expect_middle()
    room.stop_button.click()
    expect(room.status).to_contain_text("Stopped.")
    room.page.goto("/chat/")
    room.ask("Fail me", "401")
    expect(room.status).to_contain_text("This model is out of service on our side")


def test_what_is_wrong_at_the_composer_is_an_alert(room: Room) -> None:
    expect(room.complaint).to_have_attribute("role", "alert")
    expect(room.connection).to_have_attribute("role", "status")
