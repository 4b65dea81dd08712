"""Playwright and Chromium on a thread of their own.

Playwright's plain interface leaves an event loop running in its thread between calls. There, pytest-asyncio could run
no test any more and Django would refuse every query; so browser tests run on this thread, and the others never see it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar

from playwright.sync_api import Browser, expect, sync_playwright

from tools import chromium

T = TypeVar("T")
PATIENCE_MS = 30_000  # a deadline for a busy machine, not a pause: every wait ends when its condition holds


class Stage:
    """One browser for all tests of this process."""

    browser: Browser

    def __enter__(self) -> Self:
        self._thread = ThreadPoolExecutor(1, "stage")
        self.run(self._open)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.run(self._close)
        self._thread.shutdown()

    def run(self, play: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Call something that uses the browser; whatever it raises rises here."""
        return self._thread.submit(play, *arguments, **named).result()

    def _open(self) -> None:
        expect.set_options(timeout=PATIENCE_MS)
        self._playwright = sync_playwright().start()
        self.browser = self._playwright.chromium.launch(
            executable_path=chromium.path(), args=list(chromium.ARGUMENTS), timeout=2 * PATIENCE_MS
        )

    def _close(self) -> None:
        self.browser.close()
        self._playwright.stop()
