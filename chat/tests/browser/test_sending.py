"""Sending a message: with a key, once, and the answer arrives as formatted text with its price."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from chat.tests.browser.room import Room

pytestmark = pytest.mark.browser


def test_enter_sends_and_the_answer_streams_in_formatted(room: Room) -> None:
    room.ask("Where does it end?")
    expect(room.body.locator("h3, h4").first).to_have_text("Rivers of the delta")
    room.expect_end()
    print(room.html)
