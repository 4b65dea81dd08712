"""The chat's pages: whose they are, what they show, what they cost, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts import testing
from accounts.models import User
from billing import seeds as price_seeds
from caicaini import vault
from chat import seeds as model_seeds
from chat.content import BODY, ContentKey
from chat.models import Conversation, Message
from chat.providers import breaker
from chat.providers.base import Failure
from chat.providers.breaker import FAILURES
from chat.tests.conftest import MODEL
from chat.tests.test_conversations import make

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
UNKNOWN = "00000000-0000-4000-8000-000000000000"  # written out: every test process must collect the same names


@pytest.fixture(autouse=True)
def catalogue(db: None) -> None:
    model_seeds.seed()
    price_seeds.seed(timezone.now())


def say(conversation: Conversation, text: str) -> Message:
    key = ContentKey(conversation.uuid, vault.read(conversation.uuid))
    message = Message(uuid=uuid4(), conversation=conversation, role="user", created_at=timezone.now())
    message.body = cast(memoryview, key.seal(message.uuid, BODY, text))
    message.save()
    return message


def test_new_chat_shows_models_balance_and_sidebar(ann: User, sign_in: SignIn) -> None:
    make(ann, "Rivers of France")
    page = sign_in(ann).get("/chat/").content.decode()
    assert "Rivers of France" in page
    assert "Demo (no AI)" in page
    assert "100.00" in page


def trip(provider: str) -> None:
    for _ in range(FAILURES):
        breaker.of(provider).failed(Failure.UNAVAILABLE)


def test_picker_says_which_provider_is_down_and_offers_the_others(ann: User, sign_in: SignIn, settings: Any) -> None:
    settings.ANTHROPIC_API_KEY, settings.DEMO_MODEL = "set", True
    client = sign_in(ann)
    assert client.get("/chat/").context["selected_model"].startswith("claude")
    trip("anthropic")
    answer = client.get("/chat/")
    assert answer.context["selected_model"] == "demo"
    line = '<label class="model" data-provider="{}" data-retry-after="{}">'
    page = answer.content.decode()
    assert line.format("anthropic", 20) in page
    assert line.format("demo", 0) in page
    offers = {offer.provider: offer for offer in answer.context["models"]}
    assert (offers["anthropic"].is_available, offers["anthropic"].why_not) == (False, "Not answering at the moment.")
    assert (offers["moonshot"].retry_after, offers["moonshot"].why_not) == (0, "Not set up on this service yet.")
    assert offers["demo"].is_available


def test_what_cannot_be_picked_stands_last(ann: User, sign_in: SignIn, settings: Any) -> None:
    settings.ANTHROPIC_API_KEY, settings.MOONSHOT_API_KEY = "", "key"
    offers = sign_in(ann).get("/chat/").context["models"]
    can_be_picked = [offer.is_available for offer in offers]
    assert {True, False} == set(can_be_picked)
    assert can_be_picked == sorted(can_be_picked, reverse=True)


def test_conversation_keeps_its_model_while_the_provider_is_down(ann: User, sign_in: SignIn, settings: Any) -> None:
    settings.ANTHROPIC_API_KEY, settings.DEMO_MODEL = "set", True
    row = make(ann)
    row.model = MODEL
    row.save()
    trip("anthropic")
    assert sign_in(ann).get(f"/chat/{row.uuid}/").context["selected_model"] == MODEL


def test_prices_say_which_provider_is_down(client: Client, settings: Any) -> None:
    settings.ANTHROPIC_API_KEY = "set"
    assert "Not answering" not in client.get("/").content.decode()
    trip("anthropic")
    assert "per million tokens<small>Not answering at the moment.</small>" in client.get("/").content.decode()


def test_conversation_shows_its_words_escaped(ann: User, sign_in: SignIn) -> None:
    row = make(ann)
    say(row, "<script>alert(1)</script> & rivers")
    page = sign_in(ann).get(f"/chat/{row.uuid}/").content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_missed_messages_can_be_fetched_alone(ann: User, sign_in: SignIn) -> None:
    row = make(ann)
    say(row, "Only this")
    part = sign_in(ann).get(f"/chat/{row.uuid}/?messages=1", headers=HTMX).content.decode()
    assert "Only this" in part
    assert "<html" not in part


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/chat/{}/"),
        ("get", "/chat/{}/?messages=1"),
        ("get", "/chat/{}/rename/"),
        ("post", "/chat/{}/rename/"),
        ("post", "/chat/{}/delete/"),
        ("post", "/chat/{}/restore/"),
    ],
)
def test_foreign_and_unknown_conversations_look_the_same(
    method: str, path: str, ann: User, bob: User, sign_in: SignIn
) -> None:
    row = make(ann, "Private title")
    client = sign_in(bob)
    foreign = getattr(client, method)(path.format(row.uuid))
    unknown = getattr(client, method)(path.format(uuid4()))
    assert foreign.status_code == unknown.status_code == 404
    assert b"Private title" not in foreign.content
    row.refresh_from_db()
    assert row.hidden_at is None


@pytest.mark.parametrize("path", ["/chat/", "/chat/sidebar/", f"/chat/{UNKNOWN}/"])
def test_anonymous_is_sent_to_sign_in(path: str, client: Client) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/?next=/chat/")


def test_anonymous_htmx_request_sends_the_whole_page_to_sign_in(client: Client) -> None:
    answer = client.get("/chat/sidebar/", headers=HTMX)
    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/account/login/")


@pytest.mark.parametrize(("method", "path"), [("post", "/chat/"), ("post", "/chat/{}/"), ("get", "/chat/{}/delete/")])
def test_wrong_method_changes_nothing(method: str, path: str, ann: User, sign_in: SignIn) -> None:
    row = make(ann)
    assert getattr(sign_in(ann), method)(path.format(row.uuid)).status_code == 405
    row.refresh_from_db()
    assert row.hidden_at is None


def test_form_without_token_is_refused(ann: User) -> None:
    row = make(ann)
    client = Client(enforce_csrf_checks=True)
    client.cookies.load(testing.sign_in(ann))
    assert client.post(f"/chat/{row.uuid}/delete/").status_code == 403


def test_delete_and_undo_answer_htmx_with_the_sidebar(ann: User, sign_in: SignIn) -> None:
    row = make(ann, "Rivers of France")
    client = sign_in(ann)
    deleted = client.post(f"/chat/{row.uuid}/delete/", headers=HTMX).content.decode()
    assert f"/chat/{row.uuid}/restore/" in deleted
    assert "Rivers of France" not in client.get("/chat/sidebar/").content.decode()
    restored = client.post(f"/chat/{row.uuid}/restore/", headers=HTMX).content.decode()
    assert "Rivers of France" in restored


def test_rename_by_form(ann: User, sign_in: SignIn) -> None:
    row = make(ann)
    client = sign_in(ann)
    assert "Rivers" in client.get(f"/chat/{row.uuid}/rename/", headers=HTMX).content.decode()
    renamed = client.post(f"/chat/{row.uuid}/rename/", {"title": "Lakes"}, headers=HTMX).content.decode()
    assert "Lakes" in renamed


@pytest.mark.parametrize("path", ["/chat/sidebar/?current=x&before=y", "/chat/sidebar/?before=99~99"])
def test_nonsense_in_the_query_is_ignored(path: str, ann: User, sign_in: SignIn) -> None:
    make(ann, "Rivers")
    assert "Rivers" in sign_in(ann).get(path).content.decode()


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "\x00", "Europe/Paris", "Asia%2FTokyo"])
def test_any_zone_cookie_is_survived(zone: str, ann: User, sign_in: SignIn) -> None:
    client = sign_in(ann)
    client.cookies["zone"] = zone
    assert client.get("/chat/").status_code == 200


def test_conversation_page_asks_the_same_number_of_queries_whatever_its_length(
    ann: User, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    row = make(ann)
    client = sign_in(ann)
    client.get("/chat/")  # opens the ledger account
    for number in range(30):
        say(row, f"message {number}")
        make(ann, f"other {number}")
    with django_assert_max_num_queries(12):
        assert client.get(f"/chat/{row.uuid}/").status_code == 200
    with django_assert_max_num_queries(10):
        client.get("/chat/")


def test_pages_are_not_cached_and_carry_the_strict_policy(ann: User, sign_in: SignIn) -> None:
    answer = sign_in(ann).get("/chat/")
    assert answer["Cache-Control"] == "no-store, private"
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize(
    "before",
    [
        f"20260101T000000.000000~{10**30}",
        f"20260101T000000.000000~-{10**30}",
        "00010101T000000.000000~1",
        "99991231T235959.999999~1",
        "20260101T000000.000000~" + "9" * 5000,
        "20260101T000000.000000~1\0",
        "\ud800~\U0001f30a",
    ],
)
def test_sidebar_takes_any_mark(before: str, ann: User, sign_in: SignIn) -> None:
    make(ann)
    query: dict[str, str | bytes] = {"before": before.encode("utf-8", "surrogatepass"), "current": "{" + UNKNOWN + "}"}
    assert sign_in(ann).get("/chat/sidebar/", query).status_code == 200


@pytest.mark.parametrize("zone", ["../../etc/passwd", "Europe", "a\0b", "x" * 5000, "Europe%2FBerlin", "\xff"])
def test_page_takes_any_zone(zone: str, ann: User, sign_in: SignIn) -> None:
    client = sign_in(ann)
    make(ann)
    assert client.get("/chat/", headers={"Cookie": f"{_cookies(client)}; zone={zone}"}).status_code == 200


def _cookies(client: Client) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def test_what_can_be_read_answers_head_too(ann: User, bob: User, sign_in: SignIn) -> None:
    row, client = make(ann), sign_in(ann)
    for path in ("/chat/", "/chat/sidebar/", f"/chat/{row.uuid}/", f"/chat/{row.uuid}/rename/"):
        assert client.head(path).status_code == 200
        assert client.options(path).status_code == 405
    assert sign_in(bob).head(f"/chat/{row.uuid}/").status_code == 404
