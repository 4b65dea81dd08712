"""One person's whole way: sign up, confirm, second factors, a new address, a device ended, the account closed and kept.

Each step has tests of its own; here they follow each other in one browser, as they do for a person.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from chat.tests.browser import test_second_factor as factors
from chat.tests.browser import test_signing_up as joining
from chat.tests.browser.house import House
from chat.tests.browser.visiting import Visits

pytestmark = pytest.mark.browser
NAME = "walker"


def test_the_whole_way(visits: Visits, house: House) -> None:
    site = factors.by_name(house, visits)
    browser = visits.browser(url=site)
    page = browser.new_page()
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Create an account").click()
    joining.fill_in(page, NAME)
    joining.send(page)
    joining.confirm(page, house, NAME)
    page.goto("/account/security/app/")  # the password was chosen a moment ago: it is not asked for again
    secret = factors.enrol_app(page)
    factors.sign_out(page)
    enter(page)
    page.get_by_label("Code").fill(factors.code(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile(r"/chat/$"))
    sign_in_by_passkey(page)
    change_the_address(page, house)
    end_another_device(page, visits, site, secret)
    close_and_keep(page)


def enter(page: Page) -> None:
    page.goto("/account/login/")
    page.get_by_label("User name or e-mail address").fill(NAME)
    page.get_by_label("Password").fill(joining.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_in_by_passkey(page: Page) -> None:
    factors.with_authenticator(page)
    factors.add_passkey(page, "Work laptop")
    expect(page.get_by_text("Signs in by itself.")).to_be_visible()
    factors.sign_out(page)
    page.goto("/account/login/")
    page.get_by_role("button", name="Continue with a passkey").click()
    expect(page).to_have_url(re.compile(r"/chat/$"))


def change_the_address(page: Page, house: House) -> None:
    new = f"{NAME}@new.example.test"
    page.goto("/account/address/")
    page.get_by_label("New e-mail address").fill(new)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()
    page.get_by_label("Code").fill(house.clerk.ask("letters", address=new)[-1]["code"])
    page.keyboard.press("Enter")
    expect(page.locator("dl.facts")).to_contain_text(new)
    told = [letter["kind"] for letter in house.clerk.ask("letters", address=f"{NAME}@example.test")]
    assert "address_changed" in told


def end_another_device(page: Page, visits: Visits, site: str, secret: str) -> None:
    phone = visits.browser(url=site, **factors.PHONE).new_page()
    enter(phone)
    phone.get_by_label("Code").fill(factors.code(secret, later=1))
    phone.get_by_role("button", name="Sign in", exact=True).click()
    expect(phone).to_have_url(re.compile(r"/chat/$"))
    phone.wait_for_load_state("networkidle")  # the list that is fetched once the socket is ready
    page.goto("/account/devices/")
    page.get_by_role("button", name="Sign out this device").click()
    expect(page.get_by_text("That device is signed out.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign out this device")).to_have_count(0)
    expect(phone.locator("#composer-error")).to_contain_text("You are signed out.")
    visits.watch.expect("status of 401")


def close_and_keep(page: Page) -> None:
    page.goto("/account/close/")
    page.get_by_label("Type your user name to confirm").fill(NAME)
    page.get_by_role("button", name="Close my account").click()
    banner = page.get_by_role("note", name="This account is being closed")
    expect(banner).to_be_visible()
    page.goto("/chat/")
    banner.get_by_role("button", name="Keep my account").click()
    expect(page.get_by_text("Your account stays open.")).to_be_visible()
