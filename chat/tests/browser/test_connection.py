"""A connection that breaks: the page says so, comes back by itself, and neither loses nor doubles anything."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from chat.tests.browser.house import House, Person
from chat.tests.browser.provider import RICH
from chat.tests.browser.room import Room
from chat.tests.browser.visiting import Visits
from chat.tests.browser.wire import Wire

pytestmark = pytest.mark.browser


@pytest.fixture
def wire(visits: Visits) -> Wire:
    """Ann's cable; that the browser complains in its console when it is cut is the browser's affair."""
    visits.watch.expect(r"WebSocket connection to .* failed|net::ERR_|console error: htmx:(sendError|afterRequest)")
    return visits.wire()


@pytest.fixture
def wired(visits: Visits, ann: Person, wire: Wire) -> Room:
    return visits.stage.run(visits.room, ann, url=wire.url)


def test_a_cut_in_the_middle_is_told_and_healed_without_gaps_or_doubles(
    wired: Room, wire: Wire, house: House, ann: Person
) -> None:
    wired.ask("Cut me off", "held")
    wired.expect_middle()
    wire.cut()
    expect(wired.connection).to_have_text("Reconnecting…")
    house.provider.release()
    wire.mend()
    wired.expect_end()
    expect(wired.connection).to_be_hidden()
    expect(wired.answers).to_have_count(1)
    healed = wired.html
    wired.page.reload()
    wired.expect_end()
    assert wired.html == healed
    assert [run["text"] for run in house.runs(ann)] == [RICH]


def test_what_is_sent_without_a_connection_is_kept_and_sent_once(
    wired: Room, wire: Wire, house: House, ann: Person
) -> None:
    expect(wired.box).to_be_editable()
    wire.cut()
    expect(wired.connection).to_have_text("Reconnecting…")
    wired.box.fill("Send me later")
    wired.box.press("Enter")
    expect(wired.complaint).to_have_text("No connection yet. Your message goes out as soon as there is one.")
    expect(wired.box).to_have_value("Send me later")
    wired.box.press("Enter")
    wire.mend()
    wired.expect_end()
    expect(wired.complaint).to_be_hidden()
    expect(wired.box).to_have_value("")
    expect(wired.questions).to_have_count(1)
    assert [run["question"] for run in house.runs(ann)] == ["Send me later"]


def test_a_message_whose_acceptance_was_lost_is_not_sent_twice(
    wired: Room, wire: Wire, house: House, ann: Person
) -> None:
    expect(wired.balance).to_be_visible()
    wire.mute()
    wired.box.fill("Did you hear me? [[scenario:held]]")
    wired.box.press("Enter")
    wire.wait_for_loss()
    wire.cut()
    wire.mend()
    wired.expect_middle()
    house.provider.release()
    wired.expect_end()
    expect(wired.questions).to_have_count(1)
    assert len(house.runs(ann)) == 1


def test_being_offline_is_told_and_ends_by_itself(wired: Room, house: House) -> None:
    wired.ask("A tunnel comes", "held")
    wired.expect_middle()
    wired.page.context.set_offline(True)
    expect(wired.connection).to_have_text("You are offline")
    house.provider.release()
    wired.page.context.set_offline(False)
    wired.expect_end()
    expect(wired.connection).to_be_hidden()
    expect(wired.body).to_contain_text("That was all about rivers.")
    expect(wired.toasts).to_be_empty()


def test_a_tab_whose_access_token_is_over_comes_back_with_the_next_one(wired: Room, wire: Wire) -> None:
    expect(wired.balance).to_be_visible()
    browser = wired.page.context
    before = {cookie["name"]: cookie["value"] for cookie in browser.cookies()}
    browser.clear_cookies(name="access")  # as the browser does after five minutes
    wire.cut()
    wire.mend()
    expect(wired.connection).to_be_hidden()
    wired.ask("Still there?")
    wired.expect_end()
    after = {cookie["name"]: cookie["value"] for cookie in browser.cookies()}
    assert after["refresh"] != before["refresh"]
    assert "access" in after


def test_a_tab_whose_sign_in_is_over_says_so_and_keeps_the_text(wired: Room, wire: Wire, visits: Visits) -> None:
    visits.watch.expect("status of 401.*/(account/refresh|chat/sidebar)/")
    expect(wired.balance).to_be_visible()
    wired.box.fill("Half a thought")
    wired.page.wait_for_load_state("networkidle")  # the list that is fetched once the socket is ready
    for name in ("access", "refresh"):
        wired.page.context.clear_cookies(name=name)
    wire.cut()
    wire.mend()
    expect(wired.complaint).to_contain_text("You are signed out. Your unsent text is kept in this tab.")
    expect(wired.box).to_have_value("Half a thought")


def test_a_list_that_finds_nobody_signed_in_leads_nowhere(room: Room, visits: Visits, ann: Person) -> None:
    visits.watch.expect("status of 401.*/chat/sidebar/")
    other = visits.room(ann)
    room.box.fill("Half a thought")
    room.page.wait_for_load_state("networkidle")
    for name in ("access", "refresh"):
        room.page.context.clear_cookies(name=name)
    with room.page.expect_response(re.compile(r"/chat/sidebar/")) as refused:
        other.ask("News from another browser")
    assert refused.value.status == 401
    other.expect_end()
    expect(room.box).to_have_value("Half a thought")
    assert urlsplit(room.page.url).path == "/chat/"
