"""Watches what a page does besides what it shows: errors, broken policies, and requests to anybody else."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page

LOUD = {"error", "warning", "assert"}
OF_THE_PAGE = {"data", "blob", "about"}
# Chromium's own message quotes the directive; this one is there whatever the console's level and wording are.
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`));
"""


class Watch:
    """What went wrong on the pages of one test."""

    def __init__(self, host: str) -> None:
        self._hosts = {host}
        self._expected: list[re.Pattern[str]] = []
        self.problems: list[str] = []
        self.requests: list[str] = []

    def attach(self, context: BrowserContext) -> None:
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self._note(f"page error: {error.error}"))
        context.on("request", lambda request: self._saw(request.url))
        context.on("page", self._attach_to_page)

    def allow_host(self, host: str) -> None:
        """Count another address of the site as the site."""
        self._hosts.add(host)

    def expect(self, pattern: str) -> None:
        """Let problems pass that the test itself causes."""
        self._expected.append(re.compile(pattern))

    def check(self) -> None:
        """Fail if anything went wrong."""
        unexpected = [each for each in self.problems if not any(known.search(each) for known in self._expected)]
        assert not unexpected, unexpected

    def _attach_to_page(self, page: Page) -> None:
        page.on("websocket", lambda socket: self._saw(socket.url))
        page.on("crash", lambda crashed: self._note(f"crash: {crashed.url}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in LOUD:
            self._note(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _saw(self, url: str) -> None:
        self.requests.append(url)
        parts = urlsplit(url)
        if parts.scheme not in OF_THE_PAGE and parts.netloc not in self._hosts:
            self._note(f"request to another host: {url}")

    def _note(self, problem: str) -> None:
        self.problems.append(problem)
