"""The chat page as a person meets it: what can be done there, and where to look."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect


class Room:
    """One tab."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.box = page.locator("#composer-text")
        self.send_button = page.get_by_role("button", name="Send", exact=True)
        self.stop_button = page.get_by_role("button", name="Stop", exact=True)
        self.complaint = page.locator("#composer-error")
        self.questions = page.locator("article[data-role=user]")
        self.answers = page.locator("article[data-role=assistant]")
        self.answer = self.answers.last
        self.body = self.answer.locator(".message-body")
        self.receipt = self.answer.locator(".receipt summary")
        self.balance = page.locator("#balance")
        self.status = page.locator("#status")
        self.connection = page.locator("#connection")
        self.sidebar = page.locator("#conversations")
        self.links = self.sidebar.locator(".conversation > a")
        self.toasts = page.locator("#toasts")

    def ask(self, words: str, scenario: str = "rich") -> None:
        """Write a message that makes the provider play a scenario, and send it with Enter."""
        self._ask(words, scenario, lambda: self.box.press("Enter"))

    def ask_by_touch(self, words: str, scenario: str = "rich") -> None:
        """Do the same on a phone, where Enter breaks the line."""
        self._ask(words, scenario, self.send_button.tap)

    def _ask(self, words: str, scenario: str, send: Callable[[], None]) -> None:
        before = self.questions.count()
        self.box.fill(f"{words} [[scenario:{scenario}]]")
        send()
        expect(self.questions).to_have_count(before + 1)
        expect(self.questions.last).to_contain_text(words)

    def expect_end(self, state: str = "finished") -> None:
        """Wait until the answer has ended this way and its receipt is there."""
        expect(self.answer).to_have_attribute("data-state", state)
        expect(self.send_button).to_be_visible()

    def expect_middle(self) -> None:
        """Wait until a held answer stands in the middle of its code."""
        expect(self.answer).to_have_attribute("data-state", "running")
        expect(self.body).to_contain_text("Count them, one by one.")

    def pick_model(self, label: str) -> None:
        self.page.locator("#composer-model").click()
        self.page.locator("#model-picker").get_by_text(label, exact=True).click()
        expect(self.page.locator("#composer-model")).to_contain_text(label)

    def menu_of(self, title: str) -> Locator:
        """Give the button that opens a conversation's menu."""
        return self.sidebar.get_by_role("button", name=re.compile(re.escape(title)))

    def choose(self, title: str, action: str) -> None:
        """Open a conversation's menu and press one of its buttons."""
        self.sidebar.get_by_role("link", name=title).hover()
        self.menu_of(title).click()
        self.page.locator("#conversation-menu").get_by_role("button", name=action).click()

    def rename(self, title: str) -> Locator:
        """Open the form in place of a title; gives its field once it can be used."""
        self.choose(title, "Rename")
        field = self.page.get_by_role("textbox", name="Title of the conversation")
        expect(field).to_be_focused()
        return field

    @property
    def html(self) -> str:
        """The answer exactly as the page holds it."""
        return self.body.inner_html()
