"""`make screenshots`: the pictures of docs/screenshots, taken from the product with its demo model."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, StorageState, ViewportSize, expect, sync_playwright

from tools import chromium
from tools.application import Site, served
from tools.places import ROOT
from tools.refusal import Refusal, speak

FOLDER = ROOT / "docs" / "screenshots"
DESK = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)
PROMPTS = (  # each holds a word that the demo model knows
    "Explain the maths of compound interest",
    "Compare three ways of keeping notes in a table",
    "Show me Python code that counts words",
)
ANSWER_MS = 60_000


@dataclass(frozen=True)
class Picture:
    """One file: what it shows, on which screen, in which colours."""

    name: str
    path: str
    screen: ViewportSize
    colours: Literal["light", "dark"] = "light"
    opens_sidebar: bool = False


def main() -> int:
    """Take every picture anew."""
    binary = chromium.path()
    if not binary:
        raise Refusal("Chromium is missing. As root: apt-get install chromium")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="caicaini-pictures-") as folder,
        served(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=binary, args=list(chromium.ARGUMENTS))
        _take_all(browser, site)
        browser.close()
    return 0


def _take_all(browser: Browser, site: Site) -> None:
    for picture in (Picture("landing", "/", DESK), Picture("login", "/account/login/", DESK)):
        _take(browser, site, picture, None)
    path, signed_in = _converse(browser, site)
    for picture in (
        Picture("chat-light", path, DESK),
        Picture("chat-dark", path, DESK, "dark"),
        Picture("phone-light", path, PHONE),
        Picture("phone-dark", path, PHONE, "dark"),
        Picture("phone-sidebar", path, PHONE, opens_sidebar=True),
    ):
        _take(browser, site, picture, signed_in)


def _converse(browser: Browser, site: Site) -> tuple[str, StorageState]:
    """Sign in as ann and hold a few conversations; give the last one's path and what the browser remembers."""
    context = browser.new_context(base_url=site.url, viewport=DESK)
    page = context.new_page()
    page.goto("/account/login/")
    page.fill("#id_login", "ann")
    page.fill("#id_password", site.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/chat/")
    for prompt in PROMPTS:
        page.goto("/chat/")
        _ask(page, prompt)
    path = page.url.removeprefix(site.url)
    signed_in = context.storage_state()
    context.close()
    return path, signed_in


def _ask(page: Page, prompt: str) -> None:
    page.fill("#composer-text", prompt)
    send = page.locator("#composer-send")
    expect(send).not_to_have_attribute("aria-disabled", "true")
    send.click()
    answer = page.locator("article[data-role=assistant]").last
    expect(answer).to_have_attribute("data-state", "finished", timeout=ANSWER_MS)


def _take(browser: Browser, site: Site, picture: Picture, state: StorageState | None) -> None:
    context = browser.new_context(
        base_url=site.url,
        viewport=picture.screen,
        color_scheme=picture.colours,
        storage_state=state,
        device_scale_factor=2 if picture.screen is PHONE else 1,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(picture.path)
    if picture.opens_sidebar:
        page.click("#sidebar-open")
    page.wait_for_load_state("load")
    page.screenshot(path=FOLDER / f"{picture.name}.png")
    context.close()
    print(f"docs/screenshots/{picture.name}.png", flush=True)


if __name__ == "__main__":
    sys.exit(speak(main))
