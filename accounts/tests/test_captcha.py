"""The check for persons: Turnstile's answers are judged, the local one holds, outages follow the policy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import captcha
from accounts.captcha import checks, local, siteverify
from accounts.captcha.mode import Action
from accounts.captcha.refusals import Refused, Unavailable
from accounts.captcha.turnstile import is_test_key, verify
from accounts.models import OutboxMail, User
from accounts.tests import newcomers
from accounts.tests.standins import turnstile as standin
from accounts.tests.standins.turnstile import DUMMY, Turnstile, token

PASSWORD = "ann-pass-word"
GUARDED = ["/account/login/", "/account/signup/"]
RESET = "/account/password/reset/"
HOST = "https://challenges.cloudflare.com"


@pytest.fixture(autouse=True)
def nothing_was_used() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def turnstile(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Turnstile]:
    """Turnstile is configured, and answers on loopback."""
    monkeypatch.setattr(siteverify, "TIMEOUT", 0.8)
    settings.SITE_URL = "https://app.example"
    settings.TURNSTILE_SITE_KEY, settings.TURNSTILE_SECRET_KEY = standin.SITE_KEY, standin.SECRET
    with Turnstile() as turnstile:
        settings.TURNSTILE_VERIFY_URL = turnstile.url
        yield turnstile


def good(action: str = "login", **changed: Any) -> str:
    return token(action, **{"hostname": "app.example", **changed})


def refusal(value: str, action: str = "login") -> str:
    with pytest.raises(Refused) as caught:
        verify(value, action)
    assert str(caught.value.words)
    return caught.value.code


def test_a_good_token_passes_and_siteverify_learns_nothing_else(turnstile: Turnstile) -> None:
    answer = good()
    verify(answer, "login")
    (asked,) = turnstile.requests
    assert asked.keys() == {"secret", "response", "idempotency_key"}
    assert asked["response"] == answer


# Made when the test runs: a token of the collection would be too old at the end of a long run.
BAD_TOKENS: dict[str, tuple[Callable[[], str], str]] = {
    "none": (lambda: "", "missing"),
    "long": (lambda: "x" * 2_049, "too_long"),
    "forged": (lambda: "forged", "failed"),
    "other form": (lambda: good("signup"), "elsewhere"),
    "other site": (lambda: good(hostname="other.example"), "elsewhere"),
    "old": (lambda: good(issued=0), "used"),
    "dummy": (lambda: DUMMY, "failed"),
}


@pytest.mark.parametrize(("make", "code"), BAD_TOKENS.values(), ids=BAD_TOKENS)
def test_a_bad_token_is_refused(turnstile: Turnstile, make: Callable[[], str], code: str) -> None:
    assert refusal(make()) == code
    assert len(turnstile.requests) == (0 if code in {"missing", "too_long"} else 1)


def test_a_token_counts_once_and_its_second_use_is_not_even_asked_about(turnstile: Turnstile) -> None:
    answer = good()
    verify(answer, "login")
    assert refusal(answer) == "used"
    assert len(turnstile.requests) == 1


def test_a_token_that_another_site_spent_is_refused(turnstile: Turnstile) -> None:
    answer = good()
    verify(answer, "login")
    cache.clear()
    assert refusal(answer) == "used"
    assert len(turnstile.requests) == 2


@pytest.mark.parametrize("trouble", ["internal-error", "internal-error-after", "error-500", "not-json", "drop", "hang"])
def test_one_failure_is_tried_again_with_the_same_key(turnstile: Turnstile, trouble: str) -> None:
    turnstile.trouble, turnstile.troubles = trouble, 1
    verify(good(), "login")
    first, second = turnstile.requests
    assert first == second


@pytest.mark.parametrize("trouble", ["internal-error", "error-500", "not-json", "drop", "hang"])
def test_two_failures_are_an_outage(turnstile: Turnstile, trouble: str) -> None:
    turnstile.trouble = trouble
    with pytest.raises(Unavailable):
        verify(good(), "login")
    assert len(turnstile.requests) == 2


def test_a_malformed_request_is_a_refusal_and_no_outage(turnstile: Turnstile) -> None:
    turnstile.trouble = "bad-request"
    assert refusal(good()) == "failed"
    assert len(turnstile.requests) == 1


def test_a_wrong_secret_is_an_outage_of_ours(turnstile: Turnstile, settings: Any) -> None:
    settings.TURNSTILE_SECRET_KEY = "wrong"
    with pytest.raises(Unavailable):
        verify(good(), "login")


def test_an_answer_by_a_test_key_counts_in_development_only(turnstile: Turnstile, settings: Any) -> None:
    settings.TURNSTILE_SECRET_KEY = standin.ALWAYS
    assert refusal(DUMMY) == "test_key"
    cache.clear()
    settings.DEBUG = True
    verify(DUMMY, "login")
    for secret, code in ((standin.NEVER, "failed"), (standin.SPENT, "used")):
        cache.clear()
        settings.TURNSTILE_SECRET_KEY = secret
        assert refusal(DUMMY) == code


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("1x00000000000000000000AA", True),
        ("3x0000000000000000000000000000000AA", True),
        (standin.SITE_KEY, False),
        ("", False),
    ],
)
def test_published_test_keys_are_known(key: str, expected: bool) -> None:
    assert is_test_key(key) is expected


# --- Outages: sign-up is shut, signing in goes on behind a stricter limit ---


def post(path: str, **form: str) -> Any:
    return Client().post(path, form)


def words(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize("trouble", ["internal-error", "drop"])
def test_an_outage_shuts_sign_up_but_not_the_door(ann: User, turnstile: Turnstile, trouble: str) -> None:
    turnstile.trouble = trouble
    form = {"email": "cat@example.test", "username": "cat", "password1": "four-quiet-horses"}
    form |= {"is_old_enough": "on", "accepts_documents": "on"}
    shut = post("/account/signup/", **form, **{"cf-turnstile-response": good("signup")})
    assert "cannot check at the moment" in words(shut)
    assert not User.objects.filter(username="cat").exists()
    entered = post("/account/login/", login="ann", password=PASSWORD, **{"cf-turnstile-response": good()})
    assert entered.status_code == 302


@pytest.mark.django_db
def test_signing_in_without_a_verdict_has_a_limit_and_can_be_shut(
    ann: User, turnstile: Turnstile, settings: Any
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_without_captcha": "2/m/ip"}
    turnstile.trouble = "drop"

    def sign_in(number: int) -> int:
        form = {"login": "ann", "password": PASSWORD, "cf-turnstile-response": good(number=number)}
        return int(post("/account/login/", **form).status_code)

    assert [sign_in(number) for number in range(3)] == [302, 302, 200]
    settings.ACCOUNT_RATE_LIMITS = {"login_without_captcha": None}
    assert sign_in(3) == 302
    settings.CAPTCHA_LOGIN_FAILS_OPEN = False
    assert sign_in(4) == 200


@pytest.mark.django_db
def test_no_password_is_tried_without_the_check(ann: User, turnstile: Turnstile) -> None:
    answer = post("/account/login/", login="ann", password=PASSWORD)
    assert answer.status_code == 200
    assert "was not finished" in words(answer)


# --- The pages ---


@pytest.mark.django_db
@pytest.mark.parametrize("path", GUARDED)
def test_guarded_pages_may_name_turnstiles_host_when_it_is_configured(path: str, turnstile: Turnstile) -> None:
    page = Client().get(path)
    directives = dict(each.strip().partition(" ")[::2] for each in page["Content-Security-Policy"].split(";"))
    assert directives["script-src"] == f"'self' {HOST}"
    assert directives["frame-src"] == HOST
    assert directives["connect-src"] == "'self'"
    assert standin.SITE_KEY in words(page)
    assert standin.SECRET not in words(page)
    assert "<noscript>" in words(page)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", RESET, f"{RESET}done/", "/failure-policy/", "/nowhere/"])
def test_other_pages_never_name_it(path: str, turnstile: Turnstile) -> None:
    page = Client().get(path)
    assert "cloudflare" not in page["Content-Security-Policy"]
    assert "challenges.cloudflare.com" not in words(page)


@pytest.mark.django_db
def test_a_new_password_is_asked_for_behind_our_own_check(ann: User, turnstile: Turnstile) -> None:
    turnstile.trouble = "drop"  # nobody asks it
    assert "cannot check at the moment" in words(post(RESET, email=ann.email))
    assert not OutboxMail.objects.exists()
    answer = newcomers.fill_in(Client(), RESET, email=ann.email)
    assert answer.headers["Location"] == f"{RESET}done/"
    assert OutboxMail.objects.get().kind == "password_reset"


@pytest.mark.django_db
def test_links_to_a_new_password_are_counted_by_address_and_by_network(ann: User, turnstile: Turnstile) -> None:
    codes = [newcomers.fill_in(Client(), RESET, email=ann.email).status_code for _ in range(6)]
    assert codes == [302] * 5 + [429]
    codes = [newcomers.fill_in(Client(), RESET, email=f"{number}@example.test").status_code for number in range(5)]
    assert codes == [302] * 4 + [429]


@pytest.mark.django_db
@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize("debug", [True, False])
def test_without_keys_no_page_names_it(path: str, debug: bool, settings: Any) -> None:
    settings.DEBUG = debug
    page = Client().get(path)
    assert "cloudflare" not in page["Content-Security-Policy"]
    assert "cloudflare" not in words(page).lower()


# --- The local check of a development machine ---


@pytest.fixture
def request_(settings: Any) -> HttpRequest:
    settings.DEBUG = True
    request = RequestFactory().get("/")
    get_token(request)
    return request


def local_refusal(request: HttpRequest, form: dict[str, str], action: str = "signup") -> str:
    with pytest.raises(Refused) as caught:
        local.verify(request, form, action)
    return caught.value.code


def test_a_form_that_was_shown_here_counts_once(request_: HttpRequest) -> None:
    form = {local.FIELD: local.issue(request_, "signup"), local.HONEYPOT: ""}
    local.verify(request_, form, "signup")
    assert local_refusal(request_, form) == "used"


def test_a_form_of_another_page_or_browser_does_not_count(request_: HttpRequest) -> None:
    form = {local.FIELD: local.issue(request_, "login")}
    assert local_refusal(request_, form) == "used"
    other = RequestFactory().get("/")
    get_token(other)
    assert local_refusal(other, {local.FIELD: local.issue(request_, "signup")}) == "used"
    assert local_refusal(request_, {local.FIELD: local.issue(request_, "signup") + "x"}) == "stale"


def test_a_form_is_too_old_after_an_hour(request_: HttpRequest) -> None:
    old = local.issue(request_, "signup")
    with time_machine.travel(timezone.now() + timedelta(seconds=local.VALID_FOR + 1), tick=False):
        assert local_refusal(request_, {local.FIELD: old}) == "stale"


def test_what_only_scripts_fill_in_is_refused(request_: HttpRequest) -> None:
    form = {local.FIELD: local.issue(request_, "signup"), local.HONEYPOT: "https://spam.example"}
    assert local_refusal(request_, form) == "honeypot"


def test_a_program_without_the_form_signs_in_but_does_not_sign_up(request_: HttpRequest) -> None:
    captcha.require(request_, {}, Action.LOGIN)
    for action in (Action.SIGNUP, Action.RESET):
        with pytest.raises(Refused):
            captcha.require(request_, {}, action)


@pytest.mark.django_db
def test_the_page_carries_a_fresh_proof_each_time(settings: Any) -> None:
    settings.DEBUG = True
    client = Client()
    found = [re.findall(r'name="form_proof" value="([^"]+)"', words(client.get("/account/signup/"))) for _ in range(2)]
    assert found[0] != found[1]
    assert [len(each) for each in found] == [1, 1]


# --- Deployment ---


def ids(messages: list[Any]) -> set[str]:
    return {message.id for message in messages}


def test_production_without_keys_or_with_an_odd_address_is_refused(settings: Any) -> None:
    assert ids(checks.check_deployment(None)) == {"accounts.E002"}
    settings.TURNSTILE_SITE_KEY, settings.TURNSTILE_SECRET_KEY = standin.SITE_KEY, standin.SECRET
    assert ids(checks.check_deployment(None)) == set()
    for url in (
        "http://challenges.cloudflare.com/x",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://[::1]/",
        "x",
    ):
        settings.TURNSTILE_VERIFY_URL = url
        assert ids(checks.check_deployment(None)) == {"accounts.E003"}


def test_test_keys_stop_every_command_unless_in_development(settings: Any) -> None:
    settings.TURNSTILE_SECRET_KEY = standin.ALWAYS
    assert ids(checks.check_keys(None)) == {"accounts.E001"}
    settings.DEBUG = True
    assert ids(checks.check_keys(None)) == set()


@pytest.mark.django_db
def test_production_without_keys_signs_nobody_up() -> None:
    form = {"username": "cat", "email": "cat@example.test", "password1": "four-quiet-horses"}
    for answer in (Client().get("/account/signup/"), Client().post("/account/signup/", form)):
        assert answer.status_code == 200
        assert "Sign-up is closed" in words(answer)
    assert not User.objects.exists()
