"""Providers that fail: plain words at the answer, a fair bill, and the text at hand for another try."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import WebSocketRoute, expect

from billing.rates import CREDIT
from chat.tests.browser.house import House, Person
from chat.tests.browser.room import Room
from chat.tests.browser.visiting import Visits

pytestmark = pytest.mark.browser


def test_a_failure_before_the_first_word_says_why_and_costs_nothing(room: Room, house: House, ann: Person) -> None:
    room.ask("Nobody home", "401")
    room.expect_end("failed")
    notice = room.answer.locator(".notice-danger")
    expect(notice).to_contain_text("This model is out of service on our side, not yours. Pick another model")
    expect(notice).to_contain_text("It cost nothing.")
    (run,) = house.runs(ann)
    assert (run["error"], run["rule"], run["cost"]) == ("provider_house_account", "failed_early", 0)
    assert house.clerk.ask("money", name=ann.name) == {"available": 500 * CREDIT, "held": 0}
    expect(room.balance).to_have_text("500.00 credits")


def test_a_failure_midway_keeps_the_text_and_bills_no_more_than_that(room: Room, house: House, ann: Person) -> None:
    room.ask("Half of it", "error-midway")
    room.expect_end("failed")
    expect(room.body).to_have_text("Seine, Nile,")
    notice = room.answer.locator(".notice-danger")
    expect(notice).to_contain_text("The model has more to do than it can take on right now.")
    expect(notice).to_contain_text(re.compile(r"It cost 0\.\d+ credits\."))
    (run,) = house.runs(ann)
    assert (run["error"], run["rule"], run["source"]) == ("provider_busy", "failed_midway", "estimated")
    assert 0 < run["cost"] < CREDIT
    room.page.reload()
    room.expect_end("failed")
    expect(room.body).to_have_text("Seine, Nile,")
    expect(notice).to_be_visible()


def test_another_try_puts_the_question_back_and_waits_for_the_person(room: Room, house: House, ann: Person) -> None:
    room.ask("Try, try again", "drop-before-head")
    room.expect_end("failed")
    room.answer.get_by_role("button", name="Try again").click()
    expect(room.box).to_have_value("Try, try again [[scenario:drop-before-head]]")
    expect(room.box).to_be_focused()
    assert len(house.runs(ann)) == 1


def test_a_model_that_declines_is_no_error_and_costs_nothing(room: Room, house: House, ann: Person) -> None:
    room.ask("Something shady", "refusal")
    room.expect_end("refused")
    expect(room.answer).to_contain_text("The model declined to answer this.")
    expect(room.answer.locator(".notice-danger")).to_have_count(0)
    assert [run["cost"] for run in house.runs(ann)] == [0]


def test_an_answer_that_reached_its_longest_size_can_be_continued(room: Room) -> None:
    room.ask("Endless", "window-full")
    room.expect_end("length")
    expect(room.answer).to_contain_text("The answer reached its longest size.")
    room.answer.get_by_role("button", name="Ask it to continue").click()
    expect(room.box).to_have_value("Continue.")


def test_an_empty_balance_is_told_at_the_composer_and_the_text_is_kept(visits: Visits, house: House) -> None:
    poor = house.person("poor", credit=0)
    room = visits.room(poor)
    expect(room.balance).to_have_text("0.00 credits")
    room.box.fill("Can I afford this?")
    expect(room.page.locator("#composer-quote")).to_contain_text("more than your balance")
    room.box.press("Enter")
    expect(room.complaint).to_contain_text("credit")
    expect(room.box).to_have_value("Can I afford this?")
    expect(room.box).to_be_focused()
    expect(room.questions).to_have_count(0)
    assert house.runs(poor) == []


def test_a_balance_for_a_shorter_answer_only_is_told_before_sending(visits: Visits, house: House) -> None:
    room = visits.room(house.person("modest", credit=10))
    room.box.fill("How much of an answer is that?")
    expect(room.page.locator("#composer-quote")).to_contain_text("your balance pays for a shorter answer")


def test_a_text_that_is_too_long_is_told_at_the_composer_and_kept(room: Room, house: House, ann: Person) -> None:
    expect(room.connection).to_be_hidden()
    room.box.fill("x" * 100_001)
    room.box.press("Enter")
    expect(room.complaint).to_contain_text("too long")
    assert room.page.evaluate("document.querySelector('#composer-text').value.length") == 100_001
    expect(room.questions).to_have_count(0)
    assert house.runs(ann) == []


def test_a_model_that_is_not_set_up_cannot_be_chosen_and_says_why(room: Room) -> None:
    room.page.locator("#composer-model").click()
    kimi = room.page.get_by_role("radio", name=re.compile("^Kimi K3"))
    expect(kimi).to_be_disabled()
    expect(room.page.locator("#model-picker label", has=kimi)).to_contain_text("Not set up on this service yet.")
    room.page.locator("#model-picker").get_by_text("Kimi K3", exact=True).click(force=True)
    expect(room.page.locator("#composer-model")).to_contain_text("Claude")


def test_a_provider_that_is_down_is_told_in_the_picker_and_offered_again_later(visits: Visits, ann: Person) -> None:
    browser = visits.browser(ann)
    browser.clock.install()
    browser.route_web_socket(re.compile("/ws/"), refuse_to_send)
    room = visits.tab(browser)
    haiku = room.page.get_by_role("radio", name=re.compile("^Claude Haiku"))
    line = room.page.locator("#model-picker label", has=haiku)
    room.box.fill("Anybody there?")
    room.box.press("Enter")
    expect(room.complaint).to_contain_text("not answering")
    expect(room.box).to_have_value("Anybody there?")
    expect(room.page.locator("#composer-notice")).to_contain_text("Not answering at the moment. Goes to Anthropic.")
    room.page.locator("#composer-model").click()
    expect(haiku).to_be_disabled()
    expect(line.get_by_text("Not answering at the moment.")).to_be_visible()
    expect(room.page.get_by_role("radio", name=re.compile("^Demo"))).to_be_enabled()
    browser.clock.fast_forward("00:31")
    expect(haiku).to_be_enabled()
    expect(line.get_by_text("Not answering at the moment.")).to_be_hidden()
    expect(room.page.locator("#composer-notice")).to_have_text(re.compile("^Goes to Anthropic."))


def refuse_to_send(page: WebSocketRoute) -> None:
    """Stand between a page and the site, and answer its messages as the site does while a breaker is open."""
    site = page.connect_to_server()

    def hear(message: str | bytes) -> None:
        frame = json.loads(message)
        if frame["type"] != "send":
            site.send(message)
            return
        refusal = {"code": "model_unavailable", "message": "The provider is not answering.", "retry_after": 30}
        page.send(json.dumps({"v": 1, "type": "error", "id": frame["id"], "run": None, **refusal}))

    page.on_message(hear)


def test_the_demo_answers_without_a_provider_and_says_what_it_is(room: Room, house: House, ann: Person) -> None:
    room.pick_model("Demo (no AI)")
    expect(room.page.locator("#composer-notice")).to_contain_text("Goes to nobody")
    room.box.fill("headings, please")
    room.box.press("Enter")
    room.expect_end()
    expect(room.body.get_by_role("heading").first).to_have_text("Notes from the demo")
    expect(room.body.locator("blockquote, del")).to_have_count(2)


def test_somebody_elses_conversation_does_not_exist(room: Room, visits: Visits, house: House) -> None:
    room.ask("Mine alone")
    room.expect_end()
    visits.watch.expect("status of 404")
    page = visits.page(room.page.url, house.person("bob"))
    expect(page.get_by_role("heading")).to_have_text("This conversation does not exist, or it was deleted.")
