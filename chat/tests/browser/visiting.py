"""Visitors: a browser of somebody's own, signed in or not, on a screen of any kind."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page

from chat.tests.browser.house import House, Person
from chat.tests.browser.room import Room
from chat.tests.browser.stage import PATIENCE_MS, Stage
from chat.tests.browser.watching import Watch
from chat.tests.browser.wire import Wire

DESK = {"width": 1280, "height": 800}


class Visits:
    """The browsers of one test; no other code of the tests knows how somebody is signed in without the form."""

    def __init__(self, stage: Stage, house: House) -> None:
        self.stage = stage
        self.house = house
        self.watch = Watch(urlsplit(house.site.url).netloc)
        self._contexts: list[BrowserContext] = []
        self._wires: list[Wire] = []

    def browser(self, person: Person | None = None, url: str = "", **options: Any) -> BrowserContext:
        """Give a browser of its own; `options` as Playwright's `new_context` takes them."""
        base = url or self.house.site.url
        context = self.stage.browser.new_context(base_url=base, **{"viewport": DESK, **options})
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        self.watch.attach(context)
        if person:
            context.add_cookies([{"name": name, "value": value, "url": base} for name, value in person.cookies.items()])
        return context

    def page(self, path: str, person: Person | None = None, **options: Any) -> Page:
        """Open a path in a browser of its own."""
        page = self.browser(person, **options).new_page()
        page.goto(path)
        return page

    def room(self, person: Person, path: str = "/chat/", **options: Any) -> Room:
        """Open the chat, ready to be used."""
        return self.tab(self.browser(person, **options), path)

    def tab(self, browser: BrowserContext, path: str = "/chat/") -> Room:
        """Open the chat in a new tab of a browser."""
        room = Room(browser.new_page())
        room.page.goto(path)
        return room

    def wire(self) -> Wire:
        """Give a cable to the site that can be cut."""
        wire = Wire(self.house.backstage, self.house.port)
        self._wires.append(wire)
        self.watch.allow_host(urlsplit(wire.url).netloc)
        return wire

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        for wire in self._wires:
            wire.close()
