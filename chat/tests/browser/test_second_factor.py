"""Second factors in a browser: an app by keyboard alone, passkeys of a virtual authenticator, and one that is lost."""

from __future__ import annotations

import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from accounts.factors import codes
from chat.tests.browser.house import PASSWORD, House, Person
from chat.tests.browser.test_accessibility import expect_no_violations
from chat.tests.browser.visiting import Visits

pytestmark = pytest.mark.browser
SECURITY = "/account/security/"
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
PICTURES = os.environ.get("PICTURES", "")  # a folder, to look at what the tests see


def picture(page: Page, name: str) -> None:
    if PICTURES:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}.png", full_page=True)


def expect_well_made(page: Page, name: str) -> None:
    """Check what axe can check and that nothing is wider than the screen."""
    expect_no_violations(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    picture(page, name)


def by_name(house: House, visits: Visits) -> str:
    """Give the address of the site by a host name: passkeys belong to one."""
    visits.watch.allow_host(f"localhost:{house.port}")
    return f"http://localhost:{house.port}"


def sign_in(page: Page, name: str) -> None:
    page.goto("/account/login/")
    page.get_by_label("User name or e-mail address").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile(r"/$"))


def with_authenticator(page: Page, **options: Any) -> tuple[CDPSession, str]:
    """Put a virtual authenticator into the browser: by default a device with a fingerprint that keeps passkeys."""
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = {**kind, "isUserVerified": True, "automaticPresenceSimulation": True, **options}
    added = wire.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return wire, added["authenticatorId"]


def code(secret: str, later: int = 0) -> str:
    return codes.code_at(secret, codes.step_at(datetime.fromtimestamp(time.time(), tz=UTC)) + later)


def enrol_app(page: Page) -> str:
    page.goto("/account/security/app/")
    page.locator("summary").click()
    secret = page.locator(".secret").inner_text()
    done = page.get_by_role("heading", name="Recovery codes")
    for _try in range(3):  # a code of the step before, so that the present one can sign in: it may be over on arrival
        page.get_by_label("Code").fill(code(secret, later=-1))
        page.get_by_role("button", name="Set up").click()
        expect(done.or_(page.get_by_role("alert")).first).to_be_visible()
        if done.is_visible():
            break
    expect(done).to_be_visible()
    return secret


def add_passkey(page: Page, name: str, *, alone: bool = True) -> None:
    page.goto("/account/security/passkeys/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Sign in with this passkey alone").set_checked(alone)
    page.get_by_role("button", name="Add a passkey").click()


@pytest.mark.parametrize("screen", [{}, PHONE], ids=["desk", "phone"])
def test_an_app_from_the_first_look_to_the_next_sign_in(visits: Visits, ann: Person, screen: dict[str, Any]) -> None:
    size = "phone" if screen else "desk"
    page = visits.browser(**screen).new_page()
    sign_in(page, ann.name)
    expect(page).to_have_url(re.compile("/chat/"))
    page.goto(SECURITY)
    expect_well_made(page, f"security-none-{size}")
    page.get_by_role("link", name="Set up an app").click()
    expect(page.get_by_role("img", name=re.compile("for your app to scan"))).to_be_visible()
    assert page.locator("img.qr").evaluate("picture => picture.complete && picture.naturalWidth > 0")
    expect_well_made(page, f"app-{size}")
    secret = enrol_app(page)
    expect(page.locator(".codes li")).to_have_count(10)
    recovery = page.locator(".codes li").first.inner_text()
    expect_well_made(page, f"codes-{size}")
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("The app is set up.")).to_be_visible()
    expect_well_made(page, f"security-app-{size}")
    sign_out(page)
    sign_in(page, ann.name)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    expect_well_made(page, f"step-{size}")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("This code is not right")
    expect_well_made(page, f"step-wrong-{size}")
    page.get_by_label("Code").fill(code(secret, later=1))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile("/chat/"))
    page.goto("/account/security/app/remove/")
    expect_well_made(page, f"remove-{size}")
    sign_out(page)
    sign_in(page, ann.name)
    page.get_by_label("Code").fill(recovery)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/chat/"))


def test_an_app_is_set_up_by_keyboard_alone(visits: Visits, ann: Person) -> None:
    page = visits.browser().new_page()
    sign_in(page, ann.name)
    expect(page).to_have_url(re.compile("/chat/"))
    page.goto(SECURITY)
    _tab_to(page, "Set up an app")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code")).to_be_focused()
    page.keyboard.press("Shift+Tab")  # the text behind the picture stands just before the field
    expect(page.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    secret = page.locator(".secret").inner_text()
    _tab_to(page, "")
    page.keyboard.type(code(secret))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    _tab_to(page, "I have kept them")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Not yet")).to_be_visible()


def _tab_to(page: Page, text: str) -> None:
    """Press Tab until the control with this text has the focus; an empty text means the field for the code."""
    for _press in range(40):
        page.keyboard.press("Tab")
        focused = page.evaluate("[document.activeElement.textContent.trim(), document.activeElement.id]")
        if focused[0] == text and (text or focused[1] == "id_code"):
            return
    raise AssertionError(f"no way by keyboard to {text!r}")


def test_a_passkey_signs_in_alone_and_proves_anew(visits: Visits, house: House, ann: Person) -> None:
    page = visits.browser(url=by_name(house, visits)).new_page()
    with_authenticator(page)
    sign_in(page, ann.name)
    expect(page).to_have_url(re.compile("/chat/"))
    page.goto("/account/security/passkeys/")
    expect_well_made(page, "passkey-add-desk")
    add_passkey(page, "Work laptop")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto(SECURITY)
    expect(page.get_by_text("Signs in by itself.")).to_be_visible()
    expect_well_made(page, "security-passkey-desk")
    sign_out(page)
    page.goto("/account/login/?next=/account/devices/")
    expect_well_made(page, "login-desk")
    page.get_by_role("button", name="Continue with a passkey").click()
    expect(page.get_by_role("heading", name="Devices")).to_be_visible()
    page.goto("/account/confirm/passkey/?next=/account/security/codes/new/")
    expect_well_made(page, "confirm-passkey-desk")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Make new recovery codes?")).to_be_visible()
    page.goto(SECURITY)
    page.get_by_role("link", name="Remove Work laptop").click()
    expect(page.get_by_role("heading", name="Remove “Work laptop”?")).to_be_visible()
    expect_well_made(page, "passkey-remove-desk")
    page.get_by_role("button", name="Remove the passkey").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()


def test_a_key_without_a_pin_comes_after_the_password(visits: Visits, house: House, ann: Person) -> None:
    page = visits.browser(url=by_name(house, visits), **PHONE).new_page()
    with_authenticator(page, transport="usb", hasResidentKey=False, hasUserVerification=False, isUserVerified=False)
    sign_in(page, ann.name)
    expect(page).to_have_url(re.compile("/chat/"))
    add_passkey(page, "Blue key", alone=False)
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto(SECURITY)
    expect(page.get_by_text("Used after the password.")).to_be_visible()
    expect_well_made(page, "security-key-phone")
    sign_out(page)
    sign_in(page, ann.name)
    expect(page.get_by_role("button", name="Use a passkey")).to_be_visible()
    expect_well_made(page, "step-passkey-phone")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(re.compile("/chat/"))


def test_a_passkey_that_is_not_given_changes_nothing_and_says_so(visits: Visits, house: House, ann: Person) -> None:
    page = visits.browser(url=by_name(house, visits)).new_page()
    wire, device = with_authenticator(page)
    sign_in(page, ann.name)
    expect(page).to_have_url(re.compile("/chat/"))
    add_passkey(page, "Work laptop")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    add_passkey(page, "Work laptop")
    expect(page.get_by_role("alert")).to_contain_text("has a passkey of this account already")
    expect_well_made(page, "passkey-known-desk")
    sign_out(page)
    wire.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.goto("/account/login/")
    page.get_by_role("button", name="Continue with a passkey").click()
    expect(page.locator("#passkey-said")).to_contain_text("the passkey was not used")
    expect(page).to_have_url(re.compile("/account/login/"))
    wire.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.get_by_role("button", name="Continue with a passkey").click()
    expect(page).to_have_url(re.compile("/chat/"))


def test_a_passkey_that_was_removed_here_signs_nobody_in(visits: Visits, house: House, ann: Person) -> None:
    page = visits.browser(url=by_name(house, visits)).new_page()
    with_authenticator(page)
    sign_in(page, ann.name)
    expect(page).to_have_url(re.compile("/chat/"))
    add_passkey(page, "Work laptop")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto(SECURITY)
    page.get_by_role("link", name="Remove Work laptop").click()
    page.get_by_role("button", name="Remove the passkey").click()
    sign_out(page)
    page.goto("/account/login/")
    page.get_by_role("button", name="Continue with a passkey").click()
    expect(page.get_by_text("This passkey is not known here")).to_be_visible()
    page.goto("/chat/")
    expect(page).to_have_url(re.compile("/account/login/"))


def test_by_a_number_instead_of_a_name_the_page_says_where_passkeys_work(visits: Visits, ann: Person) -> None:
    page = visits.browser().new_page()
    sign_in(page, ann.name)
    expect(page).to_have_url(re.compile("/chat/"))
    page.goto("/account/security/passkeys/")
    expect(page.get_by_role("alert")).to_contain_text("open the site as localhost")


@pytest.mark.parametrize("screen", [{}, PHONE], ids=["desk", "phone"])
def test_a_factor_that_is_lost_is_announced_on_every_page(visits: Visits, ann: Person, screen: dict[str, Any]) -> None:
    size = "phone" if screen else "desk"
    page = visits.browser(**screen).new_page()
    sign_in(page, ann.name)
    expect(page).to_have_url(re.compile("/chat/"))
    enrol_app(page)
    thief = visits.browser(**screen).new_page()
    sign_in(thief, ann.name)
    thief.get_by_role("link", name="I lost my second factor").click()
    expect(thief.get_by_role("button", name="Ask for it")).to_be_visible()
    expect_well_made(thief, f"lost-{size}")
    thief.get_by_role("button", name="Ask for it").click()
    expect(thief.get_by_text("It is noted.")).to_be_visible()
    expect_well_made(thief, f"lost-asked-{size}")
    for path in ("/", SECURITY, "/chat/"):
        page.goto(path)
        expect(page.get_by_text("asked to remove your second factor")).to_be_visible()
        expect_well_made(page, f"banner{path.replace('/', '-')}{size}")
    expect(page.get_by_role("textbox", name=re.compile("message", re.IGNORECASE)).first).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    page.get_by_role("button", name="Cancel the request").click()
    expect(page.get_by_text("Cancelled: your second factor stays as it is.")).to_be_visible()


def test_an_operators_first_sign_in_leads_through_an_app_to_the_console(visits: Visits, house: House) -> None:
    page = visits.browser().new_page()
    page.goto("/admin/")
    page.get_by_label("User name or e-mail address").fill("sam")
    page.get_by_label("Password").fill(house.site.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("a second factor is required")).to_be_visible()
    expect_well_made(page, "security-operator-desk")
    page.get_by_role("link", name="Set up an app").click()
    enrol_app(page)
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("link", name="Open the console").click()
    expect(page.get_by_role("heading", name="Console")).to_be_visible()


def test_proof_anew_by_password_and_code(visits: Visits, ann: Person) -> None:
    page = visits.page(SECURITY, ann)
    page.get_by_role("link", name="Set up an app").click()
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    expect_well_made(page, "confirm-password-desk")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Set up an authenticator app")).to_be_visible()
    enrol_app(page)
    page.goto("/account/confirm/code/?next=/account/security/")
    expect_well_made(page, "confirm-code-desk")
