"""Hostile words, from a person or a model, are shown and never run, and fetch nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from chat.tests.browser.house import House, Person
from chat.tests.browser.provider import HOSTILE, RIVER
from chat.tests.browser.room import Room
from chat.tests.browser.visiting import Visits

pytestmark = pytest.mark.browser
ACTIVE = "script, style, img, iframe, object, embed, svg, form, link, meta, base, [onerror], [onload], [hx-post]"
HARM = "window.harmed ?? null"


def expect_no_harm(room: Room) -> None:
    expect(room.page.locator("#messages").locator(ACTIVE)).to_have_count(room.page.locator("#messages .icon").count())
    assert room.page.evaluate(HARM) is None
    for link in room.page.locator("#messages .message-body a").all():
        assert (link.get_attribute("href") or "").startswith(("https://", "http://", "mailto:", "#"))


def test_an_answer_runs_nothing_and_fetches_nothing(room: Room, visits: Visits, house: House, ann: Person) -> None:
    room.ask("Attack me", "hostile")
    room.expect_end()
    expect(room.body).to_contain_text(f"The {RIVER} <script>window.harmed = 1</script> flows.")
    expect(room.body).to_contain_text("<iframe srcdoc=")
    expect_no_harm(room)
    room.page.reload()
    room.expect_end()
    expect_no_harm(room)
    assert [run["text"] for run in house.runs(ann)] == [HOSTILE]
    assert not [url for url in visits.watch.requests if "invalid" in url]


def test_a_persons_words_are_shown_as_they_are_everywhere(room: Room) -> None:
    words = '<img src=x onerror="window.harmed=1"><script>window.harmed=2</script>"\'><b>bold</b>'
    room.ask(words)
    room.expect_end()
    expect(room.questions.last.locator(".block")).to_contain_text(words)
    expect(room.links).to_have_text(["<img src=x…"])
    room.page.reload()
    expect(room.page).to_have_title(re.compile("^<img src=x…"))
    expect(room.rename("<img src=x")).to_have_value("<img src=x…")
    expect_no_harm(room)


def test_the_policy_stops_what_gets_into_the_page_all_the_same(room: Room, visits: Visits) -> None:
    visits.watch.expect("[Cc]ontent.[Ss]ecurity.[Pp]olicy")
    room.page.evaluate(
        """() => {
          const holder = document.createElement("div");
          holder.innerHTML = `<img src="data:image/png,x" onerror="window.harmed = 1">
            <a href="javascript:window.harmed = 2">x</a>`;
          document.body.append(holder);
          const script = document.createElement("script");
          script.textContent = "window.harmed = 3";
          document.body.append(script);
          holder.querySelector("a").click();
        }"""
    )
    room.ask("Still well?")
    room.expect_end()
    assert room.page.evaluate(HARM) is None
