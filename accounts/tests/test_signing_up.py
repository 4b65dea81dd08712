"""Signing up through the pages: what is asked, what is stored, what a stranger cannot learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import documents, signup
from accounts.models import Acceptance, OutboxMail, SignupSignal, User
from accounts.standing import require
from accounts.tests import newcomers
from accounts.tests.newcomers import CONFIRM, FIREFOX, PASSWORD, SIGNUP, code_for, enter, letters_to, sign_up
from accounts.tests.writings import wide
from billing.accounts import balance
from caicaini.personal_data import Purpose
from caicaini.testing import QuickArgon2
from conftest import SignIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("development")]
VERIFY, RESET = "/account/verify/", "/account/password/reset/"


def words(answer: Any) -> str:
    return str(answer.content.decode())


def may_chat(client: Client) -> bool:
    return client.get("/chat/").status_code == 200


def test_a_name_that_is_far_too_long_takes_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused before it is normalised, which takes time with the square of a run of accents."""
    monkeypatch.setattr("unicodedata.normalize", lambda _form, text: text if len(text) < 999 else pytest.fail("long"))
    answer = sign_up(username="a" + "\u0301\u0327" * 2_000)
    assert answer.context["form"].errors.get_json_data()["username"][0]["code"] == "length"


# --- The walk ---


def test_somebody_signs_up_confirms_and_is_in_the_chat(settings: Any) -> None:
    settings.SIGNUP_GRANT_CREDITS = 7
    before = timezone.now()
    client = Client(headers=FIREFOX)
    answer = sign_up(client)
    assert (answer.status_code, answer.headers["Location"]) == (302, CONFIRM)
    cat = User.objects.get(username="cat")
    assert cat.email_verified_at is None
    assert not may_chat(client)
    assert "cat@example.test" in words(client.get(CONFIRM))
    assert enter(client, code_for("cat@example.test")).headers["Location"] == "/chat/"
    assert may_chat(client)
    cat = User.objects.get(username="cat", email_verified_at__gte=before)
    assert cat.check_password(PASSWORD)
    assert balance(cat).available == 7_000_000
    require(cat, Purpose.CHAT)


def test_what_was_accepted_is_stored_with_its_version() -> None:
    before = timezone.now()
    sign_up()
    found = dict(Acceptance.objects.filter(user__username="cat").values_list("document", "version"))
    assert found == {"terms": documents.TERMS_VERSION, "policy": documents.POLICY_VERSION, "age": "13"}
    assert all(row.at >= before for row in Acceptance.objects.all())


def test_one_comes_to_where_one_wanted_to_go_and_never_elsewhere() -> None:
    for target, end in (("/chat/?model=demo", "/chat/?model=demo"), ("https://elsewhere.example/", "/chat/")):
        User.objects.all().delete()
        mail.outbox.clear()
        client = Client()
        sign_up(client, next=target, email=f"{len(end)}@example.test")
        assert enter(client, code_for(f"{len(end)}@example.test")).headers["Location"] == end


def test_a_signed_in_person_is_not_asked_to_sign_up(ann: User, sign_in: SignIn) -> None:
    assert sign_in(ann).get(SIGNUP).status_code == 302


def test_the_page_asks_the_database_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        Client().get(SIGNUP)


# --- Bad input ---


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email", "", "Enter your e-mail address."),
        ("email", "cat", "It looks like name@example.org."),
        ("username", "", "Choose a user name."),
        ("username", "ca", "3 to 40 characters"),
        ("username", "c" * 41, "3 to 40 characters"),
        ("username", "cat@example", "has no @"),
        ("username", "cat cat", "Use letters, digits"),
        ("username", "-cat", "begin with a letter or a digit"),
        ("username", "cat\u202ecat", "Use letters, digits"),
        ("username", "c\u0430t", "letters of one alphabet"),
        ("username", "ANN", "Somebody has this user name."),
        ("username", wide("ann"), "Somebody has this user name."),
        ("username", "Admin", "Somebody has this user name."),
        ("username", "support_", "Somebody has this user name."),
        ("password1", "", "Choose a password."),
        ("password1", "short", "Make it longer: 10 characters or more."),
        ("password1", "1234567890", "guessed first"),
        ("password1", "cat@example.test", "too much like"),
        ("is_old_enough", "", "13 and older"),
        ("accepts_documents", "", "Read the Terms"),
    ],
)
def test_bad_input_is_answered_at_its_field_and_the_rest_stays(field: str, value: str, said: str, ann: User) -> None:
    answer = sign_up(None, **{field: value})
    assert answer.status_code == 200
    assert said in " ".join(answer.context["form"].errors[field])
    page = words(answer)
    assert f'id="id_{field}_error"' in page
    assert f"id_{field}_error" in page.split(f'id="id_{field}"')[1].split(">")[0]
    assert page.count('aria-invalid="true"') == 1
    kept = {name: text for name, text in newcomers.FORM.items() if name in {"email", "username"} - {field}}
    assert all(f'value="{text}"' in page for text in kept.values())
    assert page.count("checked") - page.count('value="auto" checked') == 2 - (
        field in {"is_old_enough", "accepts_documents"}
    )
    assert PASSWORD not in page
    assert not User.objects.exclude(pk=ann.pk).exists()
    assert not OutboxMail.objects.exists()


@pytest.mark.parametrize("name", ["cat", "C.at_2-x", "josé", "猫の手", "Ⅷth-cat"])
def test_names_of_one_alphabet_are_fine(name: str) -> None:
    assert sign_up(username=name).status_code == 302
    assert User.objects.count() == 1


def test_a_name_that_was_taken_meanwhile_is_said_to_be(ann: User) -> None:
    origin = signup.Origin("", "", "", "")
    with pytest.raises(Exception, match="Somebody has this user name"):
        signup.register("ann", "cat@example.test", PASSWORD, origin, timezone.now())
    assert not SignupSignal.objects.exists()


def test_a_form_sent_twice_makes_one_account() -> None:
    client = Client()
    form = {**newcomers.FORM, "form_proof": newcomers.proof(client.get(SIGNUP))}
    assert client.post(SIGNUP, form).status_code == 302
    again = Client()
    assert again.post(SIGNUP, form).status_code == 200
    assert User.objects.count() == 1


def test_without_the_check_nobody_signs_up() -> None:
    answer = Client().post(SIGNUP, newcomers.FORM)
    assert answer.status_code == 200
    assert not User.objects.exists()


# --- What a stranger learns ---


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    hashed: list[str] = []

    def counting(method: str) -> Callable[..., Any]:
        real = getattr(Argon2PasswordHasher, method)

        def call(*arguments: Any) -> Any:
            hashed.append(method)
            return real(*arguments)

        return call

    for method in ("encode", "verify"):
        monkeypatch.setattr(QuickArgon2, method, counting(method))
    return hashed


def work(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> tuple[list[str], list[str], int]:
    """Give the hashes, the writing queries and the mails that something costs, in this order."""
    with monkeypatch.context() as patched:
        hashed = counted(patched)
        before = OutboxMail.objects.count()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            act()
    verbs = [query["sql"].split()[:3] for query in queries.captured_queries]
    return (
        hashed,
        [" ".join(verb) for verb in verbs if verb[0] in {"INSERT", "UPDATE", "DELETE"}],
        OutboxMail.objects.count() - before,
    )


def test_signing_up_with_a_known_address_looks_and_costs_the_same(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_up(email="first@example.test", username="first")  # makes the quarter's key
    answers: dict[str, Any] = {}

    def act(name: str, address: str) -> Callable[[], None]:
        def do() -> None:
            client = Client(headers=FIREFOX)
            answers[name] = (sign_up(client, username=name, email=address), client.get(CONFIRM))

        return do

    free = work(monkeypatch, act("free", "free@example.test"))
    known = work(monkeypatch, act("known", ann.email))
    assert free == known
    assert free[0] == ["encode"]
    assert free[2] == 1
    (free_post, free_page), (known_post, known_page) = answers["free"], answers["known"]
    assert (free_post.status_code, free_post["Location"]) == (known_post.status_code, known_post["Location"])
    assert plain(words(free_page)) == plain(words(known_page)).replace(ann.email, "free@example.test")


def plain(page: str) -> str:
    """Leave out what differs between any two pages."""
    lines = page.splitlines()
    return "\n".join(line for line in lines if "csrf" not in line.lower())


@pytest.mark.parametrize("address", ["ann@example.test", "ANN@Example.test", wide("ann") + "@example.test"])
def test_nothing_is_stored_for_a_known_address_and_its_owner_hears_of_it(address: str, ann: User) -> None:
    client = Client()
    answer = sign_up(client, email=address)
    if answer.status_code == 200:  # not ASCII before the @: no such address
        assert "email" in answer.context["form"].errors
        return
    assert answer.headers["Location"] == CONFIRM
    assert User.objects.get() == ann
    assert not Acceptance.objects.exists()
    assert not SignupSignal.objects.exists()
    assert EmailAddress.objects.count() == 1
    (letter,) = letters_to(ann.email)
    assert "account" in letter.body
    for _attempt in range(4):
        assert enter(client, "ABC-DEF").status_code == 200
    assert not may_chat(client)


def test_an_address_that_only_looks_different_is_known_too() -> None:
    User.objects.create_user("ann", "ann@strasse.test", "ann-pass-word")
    assert sign_up(email="ann@straße.test").status_code == 302
    assert User.objects.count() == 1


def test_asking_for_a_new_password_looks_and_costs_the_same(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Any] = []

    def ask(address: str) -> Callable[[], None]:
        return lambda: answers.append(newcomers.fill_in(Client(), RESET, email=address))

    known, unknown = work(monkeypatch, ask(ann.email)), work(monkeypatch, ask("nobody@example.test"))
    assert known == unknown
    assert known[0] == []
    assert known[2] == 1
    assert [answer["Location"] for answer in answers] == [f"{RESET}done/"] * 2
    assert "password" in letters_to(ann.email)[0].body
    assert "/reset/key/" not in letters_to("nobody@example.test")[0].body


# --- A new password ---


def link_for(address: str) -> str:
    body = str(letters_to(address)[-1].body)
    return "/" + body.split("://", 1)[1].split(maxsplit=1)[0].split("/", 1)[1]


def test_a_link_by_mail_sets_a_new_password_once(ann: User, sign_in: SignIn) -> None:
    elsewhere = sign_in(ann)
    client = Client()
    newcomers.fill_in(client, RESET, email=ann.email)
    link = link_for(ann.email)
    form = client.get(link)
    assert form.status_code == 302
    path = form.headers["Location"]
    assert link.rstrip("/").rsplit("-", 1)[1] not in path
    assert client.get(path).status_code == 200
    bad = client.post(path, {"password1": "short", "password2": "short"})
    assert "Make it longer" in words(bad)
    done = client.post(path, {"password1": PASSWORD, "password2": PASSWORD})
    assert done.headers["Location"] == f"{RESET}key/done/"
    assert client.get(f"{RESET}key/done/").status_code == 200
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)
    assert not may_chat(elsewhere)
    assert not may_chat(client)
    assert "This link is over" in words(Client().get(link))


def test_a_new_password_by_mail_confirms_the_address() -> None:
    client = Client()
    sign_up()
    cat = User.objects.get(username="cat")
    newcomers.fill_in(client, RESET, email=cat.email)
    path = client.get(link_for(cat.email)).headers["Location"]
    client.post(path, {"password1": "five-quiet-horses", "password2": "five-quiet-horses"})
    cat.refresh_from_db()
    assert cat.email_verified_at


@pytest.mark.parametrize("key", ["1-abc", "zzz-abc-def", "1-set-password"])
def test_a_made_up_link_leads_nowhere(key: str, ann: User) -> None:
    answer = Client().get(f"{RESET}key/{key}/")
    assert answer.status_code == 200
    assert "This link is over" in words(answer)


def test_somebody_switched_off_gets_no_link(ann: User) -> None:
    User.objects.filter(pk=ann.pk).update(is_active=False)
    newcomers.fill_in(Client(), RESET, email=ann.email)
    assert "/reset/key/" not in letters_to(ann.email)[0].body
