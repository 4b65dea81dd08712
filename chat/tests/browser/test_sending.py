"""Sending: with a key, once; the answer streams in as formatted text, and what it cost is told."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from billing.rates import CREDIT
from chat.tests.browser.house import House, Person
from chat.tests.browser.room import Room
from chat.tests.browser.visiting import Visits

pytestmark = pytest.mark.browser


def test_enter_sends_and_the_answer_streams_in_as_formatted_blocks(room: Room, house: House) -> None:
    room.ask("Where does it end?", "held")
    room.expect_middle()
    expect(room.body.get_by_role("heading", name="Rivers of the delta")).to_be_visible()
    expect(room.body.locator("strong")).to_have_text("nine mouths")
    expect(room.body.locator("pre code")).to_contain_text("def mouths")
    expect(room.body.get_by_role("table")).to_have_count(0)
    house.provider.release()
    room.expect_end()
    expect(room.body.get_by_role("row")).to_have_count(3)
    expect(room.body.locator("math[display=block] mfrac")).to_have_count(1)
    expect(room.body.locator("figure.code code span.k").first).to_have_text("def")
    expect(room.body.get_by_role("listitem")).to_have_text(["one bank", "another bank"])


def test_code_is_copied_as_it_stands(visits: Visits, ann: Person) -> None:
    room = visits.room(ann, permissions=["clipboard-read", "clipboard-write"])
    room.ask("Code, please")
    room.expect_end()
    room.body.get_by_role("button", name="Copy code").click()
    expect(room.status).to_have_text("Copied")
    copied = room.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("def mouths(river: str) -> int:\n    ")
    assert copied == room.body.locator("figure.code code").inner_text().strip()


def test_the_cost_stands_under_the_answer_and_leaves_the_balance(room: Room, house: House, ann: Person) -> None:
    expect(room.balance).to_have_text("500.00 credits")
    room.ask("What does it cost?")
    room.expect_end()
    (run,) = house.runs(ann)
    assert run["cost"] > 0
    expect(room.receipt).to_contain_text(f"{run['cost'] / CREDIT:.2f} credits")
    assert house.clerk.ask("money", name=ann.name) == {"available": 500 * CREDIT - run["cost"], "held": 0}
    left = f"{(500 * CREDIT - run['cost']) / CREDIT:.2f} credits"
    expect(room.balance).to_have_text(left)
    room.page.reload()
    expect(room.balance).to_have_text(left)


def test_the_receipt_names_tokens_and_rule(room: Room) -> None:
    room.ask("A receipt, please")
    room.expect_end()
    room.receipt.click()
    slip = room.answer.locator(".slip")
    expect(slip).to_contain_text("1200")
    expect(slip).to_contain_text("9000")
    expect(slip).to_contain_text("counted by the provider")
    expect(slip).to_contain_text("The reply is complete: the tokens used are billed.")


def test_credit_is_held_while_the_answer_is_written(room: Room, house: House, ann: Person) -> None:
    room.ask("Hold on", "held")
    room.expect_middle()
    expect(room.balance).to_have_text(re.compile(r"held$"))
    assert house.clerk.ask("money", name=ann.name)["held"] > 0
    house.provider.release()
    room.expect_end()
    expect(room.balance).not_to_have_text(re.compile("held"))


def test_the_price_stands_beside_send_before_anything_is_sent(room: Room, house: House, ann: Person) -> None:
    room.box.fill("How much would this be?")
    expect(room.page.locator("#composer-quote")).to_have_text(re.compile(r"at most \d+\.\d+ credits"))
    assert house.runs(ann) == []


def test_a_new_conversation_gets_an_address_a_title_and_a_place_in_the_list(room: Room, house: House) -> None:
    room.ask("Where does the delta begin?")
    expect(room.page).to_have_url(re.compile(r"/chat/[0-9a-f-]{36}/$"))
    expect(room.links).to_have_count(1)
    expect(room.links).to_have_attribute("aria-current", "page")
    expect(room.links).to_contain_text("Where does the delta begin?")
    expect(room.page).to_have_title(re.compile(r"^Where does the delta begin\?.* · Caicaini$"))
    room.expect_end()


def test_a_second_message_goes_into_the_same_conversation(room: Room, house: House, ann: Person) -> None:
    room.ask("First")
    room.expect_end()
    room.ask("Second")
    expect(room.answers).to_have_count(2)
    room.expect_end()
    expect(room.links).to_have_count(1)
    first, second = house.runs(ann)
    assert first["conversation"] == second["conversation"]


def test_shift_and_enter_break_the_line(room: Room, house: House, ann: Person) -> None:
    room.box.press_sequentially("one")
    room.box.press("Shift+Enter")
    room.box.press_sequentially("two")
    expect(room.box).to_have_value("one\ntwo")
    expect(room.questions).to_have_count(0)
    room.box.press("Enter")
    expect(room.questions.locator(".block")).to_have_text("one\ntwo", use_inner_text=True)
    room.expect_end()
    assert [run["question"] for run in house.runs(ann)] == ["one\ntwo"]


def test_the_enter_that_ends_a_composition_does_not_send(room: Room) -> None:
    room.box.focus()
    keyboard = room.page.context.new_cdp_session(room.page)
    keyboard.send("Input.imeSetComposition", {"text": "かわ", "selectionStart": 2, "selectionEnd": 2})
    room.box.press("Enter")
    keyboard.send("Input.insertText", {"text": "川"})
    expect(room.box).to_have_value(re.compile("川"))
    expect(room.questions).to_have_count(0)
    room.box.press("Enter")
    expect(room.questions.last).to_contain_text("川")
    room.expect_end()


def test_nothing_is_sent_without_words(room: Room, house: House, ann: Person) -> None:
    room.box.press("Enter")
    room.box.fill("  \n ")
    room.box.press("Enter")
    expect(room.send_button).to_have_attribute("aria-disabled", "true")
    room.ask("Words")
    room.expect_end()
    assert len(house.runs(ann)) == 1


def test_half_a_character_does_not_keep_the_rest_from_being_sent(room: Room, house: House, ann: Person) -> None:
    expect(room.box).to_be_focused()
    room.box.evaluate("(box) => { box.value = 'half \\ud83c and whole 🌊'; box.dispatchEvent(new Event('input')); }")
    room.box.press("Enter")
    room.expect_end()
    assert [run["question"] for run in house.runs(ann)] == ["half \N{REPLACEMENT CHARACTER} and whole \N{WATER WAVE}"]


def test_a_prompt_is_put_into_the_box_and_waits_for_the_person(room: Room, house: House, ann: Person) -> None:
    room.page.get_by_role("button", name=re.compile("^Table")).click()
    expect(room.box).to_have_value("Compare four great rivers in a table")
    expect(room.box).to_be_focused()
    assert house.runs(ann) == []


def test_thinking_is_folded_above_the_answer(room: Room) -> None:
    room.ask("Think first", "thinking")
    room.expect_end()
    thoughts = room.answer.locator("details.reasoning")
    expect(thoughts.get_by_text("Rivers it is.")).to_be_hidden()
    thoughts.locator("summary").click()
    expect(thoughts.get_by_text("Rivers it is.")).to_be_visible()
    expect(room.body).to_have_text("Hello")
    room.page.reload()
    thoughts.locator("summary").click()
    expect(thoughts.get_by_text("Rivers it is.")).to_be_visible()


def test_a_conversation_takes_one_message_at_a_time(room: Room, house: House, ann: Person) -> None:
    room.ask("Wait for it", "held")
    room.expect_middle()
    room.box.fill("Impatient")
    room.box.press("Enter")
    expect(room.complaint).to_contain_text("The last answer is still being written.")
    expect(room.box).to_have_value("Impatient")
    house.provider.release()
    room.expect_end()
    expect(room.complaint).to_be_hidden()
    assert len(house.runs(ann)) == 1


def test_a_conversation_remembers_its_model(room: Room) -> None:
    room.pick_model("Claude Haiku 5.5")
    room.ask("Which one are you?")
    room.expect_end()
    expect(room.receipt).to_contain_text("Claude Haiku 5.5")
    room.page.goto("/chat/")
    expect(room.page.locator("#composer-model")).to_contain_text("Claude Sonnet 5.5")
    room.links.click()
    expect(room.page.locator("#composer-model")).to_contain_text("Claude Haiku 5.5")
