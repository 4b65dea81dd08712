"""Signing up in a browser: with the local check and with Turnstile, by keyboard, on small screens, without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from accounts.tests.standins import turnstile as standin
from accounts.tests.standins.turnstile import Turnstile
from chat.tests.browser.asking import Clerk
from chat.tests.browser.house import House
from chat.tests.browser.room import Room
from chat.tests.browser.stage import Stage
from chat.tests.browser.test_accessibility import expect_no_violations
from chat.tests.browser.test_screens import PHONE, TINY, TOUCH, expect_to_fit
from chat.tests.browser.visiting import Visits
from tools.application import served

pytestmark = pytest.mark.browser
PASSWORD = "four-quiet-horses"
HOST = "challenges.cloudflare.com"
GUARDED = ["/account/login/", "/account/signup/"]
SHARED = (
    *("DATABASE_URL", "VAULT_DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL"),
    *("SECRET_KEY", "VAULT_KEYS", "DEMO_PASSWORD"),  # or one site would lock the other out of the databases they share
)


def fill_in(page: Page, name: str) -> None:
    page.get_by_label("E-mail address").fill(f"{name}@example.test")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("I am 13 or older").check()
    page.get_by_label("I accept the").check(position={"x": 8, "y": 8})


def send(page: Page) -> None:
    page.get_by_role("button", name="Create the account").click()


def code_for(house: House, name: str) -> str:
    """Read the code from the mail that waits for the worker."""
    return str(house.clerk.ask("letters", address=f"{name}@example.test")[-1]["code"])


def confirm(page: Page, house: House, name: str) -> None:
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()
    page.get_by_label("Code").fill(code_for(house, name))
    page.get_by_role("button", name="Confirm").click()
    expect(page).to_have_url(re.compile(r"/chat/$"))


def test_one_walks_from_the_landing_page_to_an_answer(visits: Visits, house: House) -> None:
    page = visits.page("/")
    page.get_by_role("main").get_by_role("link", name="Create an account").click()
    fill_in(page, "newcomer")
    send(page)
    confirm(page, house, "newcomer")
    house.clerk.ask("credit", name="newcomer", credit=50)
    page.reload()
    room = Room(page)
    room.ask("Good morning")
    room.expect_end()


def test_who_mistyped_the_address_corrects_it_from_the_code_page(visits: Visits, house: House) -> None:
    page = visits.page("/account/signup/")
    fill_in(page, "mistyped")
    send(page)
    page.get_by_role("button", name="Sign in and correct it").click()
    page.get_by_label("User name or e-mail address").fill("mistyped")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("New e-mail address").fill("right@example.test")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()
    page.get_by_label("Code").fill(house.clerk.ask("letters", address="right@example.test")[-1]["code"])
    page.keyboard.press("Enter")
    expect(page.locator("dl.facts")).to_contain_text("right@example.test")
    expect(page.locator("dl.facts")).not_to_contain_text("Not confirmed yet")
    assert [letter["kind"] for letter in house.clerk.ask("letters", address="mistyped@example.test")] == [
        "verify_email"
    ]


def test_errors_stand_at_their_fields_and_the_first_has_the_focus(visits: Visits) -> None:
    page = visits.page("/account/signup/")
    page.get_by_label("E-mail address").fill("newcomer@example.test")
    page.get_by_label("Password", exact=True).fill("short")
    send(page)
    name = page.get_by_label("User name")
    expect(name).to_be_focused()
    expect(name).to_have_accessible_description(re.compile("Choose a user name"))
    expect(page.get_by_label("Password", exact=True)).to_have_accessible_description(re.compile("Make it longer"))
    expect(page.get_by_label("E-mail address")).to_have_value("newcomer@example.test")
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    expect_no_violations(page)


def test_the_keyboard_is_enough(visits: Visits, house: House) -> None:
    page = visits.page("/account/signup/")
    expect(page.get_by_label("E-mail address")).to_be_focused()
    keys = page.keyboard
    for text in ("keys@example.test", "keys", PASSWORD):
        keys.type(text)
        keys.press("Tab")
    keys.press("Space")
    keys.press("Tab")
    expect(page.get_by_label("I accept the")).to_be_focused()
    keys.press("Space")
    keys.press("Enter")
    expect(page.get_by_label("Code")).to_be_focused()
    keys.type(code_for(house, "keys"))
    keys.press("Enter")
    expect(page).to_have_url(re.compile(r"/chat/$"))


def test_no_script_is_needed(visits: Visits, house: House) -> None:
    page = visits.page("/account/signup/", java_script_enabled=False)
    fill_in(page, "plain")
    send(page)
    confirm(page, house, "plain")


def test_who_did_not_confirm_sees_why_nothing_can_be_sent(visits: Visits, house: House) -> None:
    page = visits.page("/account/signup/")
    fill_in(page, "later")
    send(page)
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()
    house.clerk.ask("credit", name="later", credit=50)
    other = visits.page("/account/login/")
    other.get_by_label("User name or e-mail address").fill("later")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in", exact=True).click()
    other.wait_for_url("**/chat/")  # with its scripts: before them, Enter is a new line
    room = Room(other)
    room.box.fill("May I?")
    room.box.press("Enter")
    expect(other.get_by_role("alert")).to_contain_text("not confirmed yet")
    expect_no_violations(other)
    other.get_by_role("link", name="Confirm it").click()
    expect(other.get_by_role("button", name="Send me a code")).to_be_visible()


@pytest.mark.parametrize("path", GUARDED)
def test_the_forms_fit_a_phone_and_pass_the_audit_in_both_colours(visits: Visits, path: str) -> None:
    for scheme in ("light", "dark"):
        page = visits.page(path, viewport=PHONE, color_scheme=scheme, **TOUCH)
        for size in (PHONE, TINY):
            page.set_viewport_size(size)
            expect_to_fit(page)
        expect_no_violations(page)


# --- With Turnstile ---


@pytest.fixture(scope="module")
def guarded(stage: Stage, house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Another web process of the same site, with Turnstile in front of its doors."""
    folder = tmp_path_factory.mktemp("guarded")
    with Turnstile() as turnstile, (folder / "site.log").open("wb") as log:
        shared = {name: house.site.environment[name] for name in SHARED if name in house.site.environment}
        keys = {"TURNSTILE_SITE_KEY": standin.SITE_KEY, "TURNSTILE_SECRET_KEY": standin.SECRET}
        variables = {**shared, **keys, "TURNSTILE_VERIFY_URL": turnstile.url}
        with served(folder, variables, log, collects=False) as site, closing(Clerk(site.environment)) as clerk:
            yield replace(house, site=site, clerk=clerk, folder=folder)


@pytest.fixture
def guests(stage: Stage, guarded: House) -> Iterator[Visits]:
    visits = Visits(stage, guarded)
    yield visits
    stage.run(visits.close)


def stand_in(context: BrowserContext) -> None:
    """Serve our own small script in place of Cloudflare's."""

    def fulfil(route: Route) -> None:
        route.fulfill(path=standin.API, content_type="text/javascript")

    context.route(f"https://{HOST}/**", fulfil)


def asked_elsewhere(visits: Visits) -> list[str]:
    ours = visits.house.site.url
    return [url for url in visits.watch.requests if not url.startswith((ours, ours.replace("http", "ws"), "data:"))]


def walk_with_turnstile(guests: Visits, guarded: House) -> None:
    guests.watch.allow_host(HOST)
    context = guests.browser()
    stand_in(context)
    page = context.new_page()
    page.goto("/account/signup/")
    expect(page.get_by_text("You are a person (auto, flexible).")).to_be_visible()
    fill_in(page, "guest")
    page.get_by_label("User name").fill("x")
    send(page)
    expect(page.get_by_label("User name")).to_be_focused()
    page.get_by_label("User name").fill("guest")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    send(page)
    confirm(page, guarded, "guest")
    assert set(asked_elsewhere(guests)) == {f"https://{HOST}/turnstile/v0/api.js?render=explicit"}
    guests.watch.check()


def test_one_signs_up_through_turnstile(visits: Visits, guests: Visits, guarded: House) -> None:
    walk_with_turnstile(guests, guarded)


def test_only_guarded_pages_reach_turnstile(visits: Visits, guests: Visits) -> None:
    context = guests.browser()
    stand_in(context)
    page = context.new_page()
    guests.watch.allow_host(HOST)
    for path in GUARDED:
        guests.watch.requests.clear()
        page.goto(path)
        expect(page.get_by_text("You are a person (")).to_be_visible()
        assert len(asked_elsewhere(guests)) == 1
    guests.watch.requests.clear()
    for path in (
        "/",
        "/failure-policy/",
        "/account/password/reset/",
        "/account/password/reset/done/",
        "/account/password/reset/key/1-x/",
    ):
        page.goto(path, wait_until="networkidle")
    assert asked_elsewhere(guests) == []
    guests.watch.check()


def test_a_blocked_turnstile_says_so_and_what_to_do(visits: Visits, guests: Visits) -> None:
    guests.watch.allow_host(HOST)
    guests.watch.expect("ERR_FAILED")
    context = guests.browser(viewport=TINY)
    context.route(f"https://{HOST}/**", lambda route: route.abort())
    page = context.new_page()
    page.goto("/account/signup/")
    expect(page.get_by_role("alert")).to_contain_text("does not load here")
    expect(page.get_by_role("alert").get_by_role("link", name="Contact")).to_be_visible()
    expect_to_fit(page)
    expect_no_violations(page)
    guests.watch.check()
