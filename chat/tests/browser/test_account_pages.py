"""The account's pages and the documents: for everybody, on every screen, by keyboard alone, and the whole way out."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from chat.tests.browser.house import PASSWORD, House, Person
from chat.tests.browser.test_accessibility import expect_no_violations
from chat.tests.browser.test_keyboard import focused, go_to_the_start, tab_to
from chat.tests.browser.test_screens import PHONE, TINY, TOUCH, expect_to_fit
from chat.tests.browser.visiting import Visits
from tools.pytest_environment import SERVICES

pytestmark = pytest.mark.browser
once = pytest.mark.skipif(SERVICES in os.environ, reason="no database matters to axe, and the first pass has asked it")
DOCUMENTS = ["/", "/terms/", "/privacy/", "/changelog/", "/contact/", "/failure-policy/"]
PARTS = ["", "name/", "address/", "password/", "data/", "close/", "devices/", "security/", "standing/"]
PICTURES = os.environ.get("PICTURES", "")  # a folder, to look at what the tests see


def look(page: Page, name: str) -> None:
    """Check a page on a desk and on the smallest screen, in both themes."""
    for size, width in (("desk", 1280), ("phone", 320)):
        page.set_viewport_size({"width": width, "height": 800 if width > 400 else 640})
        expect_no_violations(page)
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), name
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{size}-dark.png", full_page=True)
            page.emulate_media(color_scheme="light")
            page.screenshot(path=Path(PICTURES) / f"{name}-{size}-light.png", full_page=True)


def prove(page: Page, path: str) -> Page:
    """Open a page that asks who it is, and say so."""
    page.goto(path)
    expect(page).to_have_url(re.compile(r"/account/confirm/\?next="))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page).to_have_url(re.compile(f"{path}$"))
    return page


@pytest.mark.parametrize("path", DOCUMENTS)
def test_documents_have_no_fault_that_axe_finds_and_fit_every_screen(visits: Visits, path: str) -> None:
    page = visits.page(path)
    look(page, path.strip("/") or "landing")


@once
def test_the_accounts_pages_have_no_fault_that_axe_finds_and_fit_every_screen(visits: Visits, ann: Person) -> None:
    page = visits.page("/account/", ann)
    prove(page, "/account/address/")
    for part in PARTS:
        page.goto(f"/account/{part}")
        look(page, f"account-{part.strip('/') or 'profile'}")


@pytest.mark.parametrize("part", ["", "data/", "devices/"])
def test_the_accounts_pages_suit_a_thumb(visits: Visits, ann: Person, part: str) -> None:
    page = visits.page(f"/account/{part}", ann, viewport=PHONE, **TOUCH)
    for size in (PHONE, TINY):
        page.set_viewport_size(size)
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
        expect(page.get_by_role("navigation", name="Your account")).to_be_visible()


@pytest.mark.parametrize("path", ["/terms/", "/contact/"])
def test_documents_suit_a_thumb(visits: Visits, path: str) -> None:
    page = visits.page(path, viewport=TINY, **TOUCH)
    expect_to_fit(page)


def test_forms_with_errors_say_so_where_the_reader_is(visits: Visits, house: House, ann: Person) -> None:
    other = house.person("bob")
    page = prove(visits.page("/account/name/", ann), "/account/close/")
    page.get_by_label("Type your user name to confirm").fill("somebody else")
    page.get_by_role("button", name="Close my account").click()
    field = page.get_by_label("Type your user name to confirm")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("This is not your user name.")
    look(page, "close-error")
    page.goto("/account/name/")
    page.get_by_label("User name").fill(other.name)
    page.keyboard.press("Enter")
    expect(page.get_by_label("User name")).to_have_accessible_description(re.compile("has this user name"))
    look(page, "name-error")


def test_the_user_name_is_changed_by_keyboard_alone(visits: Visits, ann: Person) -> None:
    page = visits.page("/account/", ann)
    go_to_the_start(page)
    page.keyboard.press("Tab")
    expect(focused(page)).to_have_text("Skip to content")
    tab_to(page, page.get_by_role("link", name="Change the user name"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("User name"))
    page.keyboard.press("Control+a")
    page.keyboard.type(f"{ann.name}-renamed")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/account/$"))
    expect(page.get_by_text("Your user name is changed.")).to_be_visible()
    expect(page.locator("dl.facts")).to_contain_text(f"{ann.name}-renamed")


def test_the_address_is_changed_and_taken_back(visits: Visits, house: House, ann: Person) -> None:
    old, new = f"{ann.name}@example.test", f"{ann.name}@new.example.test"
    page = prove(visits.page("/account/", ann), "/account/address/")
    page.get_by_label("New e-mail address").fill(new)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()
    look(page, "address-code")
    page.get_by_label("Code").fill(house.clerk.ask("letters", address=new)[-1]["code"])
    page.keyboard.press("Enter")
    expect(page.locator("dl.facts")).to_contain_text(new)
    expect(page.locator("dl.facts")).to_contain_text("does not prove that you are you")
    link = house.clerk.ask("letters", address=old)[-1]["link"]
    stranger = visits.page(urlsplit(link).path)
    expect(stranger.get_by_role("heading", name="Take the account back")).to_be_visible()
    look(stranger, "address-undo")
    stranger.get_by_label("New password").fill("a-whole-new-horse")
    stranger.keyboard.press("Enter")
    expect(stranger).to_have_url(re.compile(r"/account/login/$"))
    page.goto("/account/")
    expect(page).to_have_url(re.compile(r"/account/login/"))


def test_an_account_is_closed_and_kept_after_all_by_keyboard(visits: Visits, ann: Person) -> None:
    page = prove(visits.page("/account/", ann), "/account/close/")
    tab_to(page, page.get_by_label("Type your user name to confirm"))
    page.keyboard.type(ann.name)
    page.keyboard.press("Enter")
    banner = page.get_by_role("note", name="This account is being closed")
    expect(banner).to_be_visible()
    look(page, "closing")
    tab_to(page, page.get_by_role("button", name="Ask for a refund"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("You asked for a refund on")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/chat/")
    expect(banner).to_be_visible()
    expect_no_violations(page)
    tab_to(page, banner.get_by_role("button", name="Keep my account"), "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your account stays open.")).to_be_visible()
    expect(banner).to_have_count(0)


def test_the_theme_is_chosen_on_the_profile_and_forgotten_at_sign_out(visits: Visits, ann: Person) -> None:
    page = visits.page("/account/", ann, color_scheme="light")
    page.get_by_role("radio", name="Dark").check()
    page.goto("/account/data/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.evaluate("sessionStorage.setItem('draft:x', 'half a thought')")
    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile(r"/$"))
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_signing_out_without_scripts_forgets_the_drafts_of_every_tab(visits: Visits, ann: Person) -> None:
    browser = visits.browser(ann)
    first, second = browser.new_page(), browser.new_page()
    for page in (first, second):
        page.goto("/account/")
        page.evaluate("sessionStorage.setItem('draft:x', 'half a thought')")
    first.route("**/*.js", lambda route: route.abort())
    visits.watch.expect("Failed to load resource|ERR_FAILED")
    first.goto("/account/logout/")
    first.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(first).to_have_url(re.compile(r"/$"))
    assert first.evaluate("sessionStorage.length") == 0
    second.reload()
    assert second.evaluate("sessionStorage.length") == 0


@once
def test_the_console_has_no_fault_that_axe_finds(visits: Visits, house: House) -> None:
    stranger = visits.page("/account/", house.person("ann"))  # posts a mail: lists with rows show their filters
    prove(stranger, "/account/address/")
    stranger.get_by_label("New e-mail address").fill("axe@example.test")
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_role("heading", name="Enter the code")).to_be_visible()
    page = visits.page("/admin/", house.person("sam", is_operator=True))
    links = page.locator("#content-main th a").evaluate_all("(links) => links.map((link) => link.pathname)")
    assert "/admin/accounts/user/" in links
    paths = list(dict.fromkeys(["/admin/", *links]))
    for path in paths:
        page.goto(path)
    assert visits.watch.problems == []
    # axe itself puts styles into the page where a style sheet imports another one, as the console's do.
    visits.watch.expect("inline|preload assets")
    for path in paths:
        page.goto(path)
        expect_no_violations(page)
