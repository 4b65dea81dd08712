"""Changing the user name, the address and the password."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import identity
from accounts.errors import IdentityError
from accounts.models import EmailChange, OutboxMail, User
from accounts.tests.newcomers import fill_in, sign_up
from accounts.tests.walking import code_of, letter_to, letters_to, path_of, prove
from accounts.tests.writings import wide
from billing.tests.threads import at_once
from conftest import SignIn

pytestmark = pytest.mark.django_db
OLD, NEW = "ann@example.test", "ann@new.example.test"


@pytest.fixture(autouse=True)
def no_attempts_yet() -> None:
    cache.clear()


@pytest.fixture
def client(ann: User, sign_in: SignIn) -> Client:
    return prove(sign_in(ann), ann)


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def change_address(client: Client, email: str = NEW) -> None:
    """Ask, read the code in the mail, and enter it."""
    assert client.post("/account/address/", {"email": email}).headers["Location"] == "/account/address/confirm/"
    answer = client.post("/account/address/confirm/", {"code": code_of(letter_to(email))})
    assert answer.headers["Location"] == "/account/", answer.content


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


# --- The user name ---


@pytest.mark.parametrize("name", ["Anna", "ann.b", "an-n", "安妮的", "josé", "x" * 40])
def test_a_name_is_changed(name: str, ann: User, client: Client) -> None:
    assert client.post("/account/name/", {"username": f" {name} "}).headers["Location"] == "/account/"
    assert again(ann).username == name
    assert User.objects.called(name) == ann


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "required"),
        ("an", "3 to 40"),
        ("x" * 41, "40 characters"),
        ("a@b.example", "@"),
        ("ann b", "letters, digits"),
        ("ann\N{ZERO WIDTH SPACE}a", "letters, digits"),
        ("ann\x00a", "ull characters"),
        ("bob\N{VARIATION SELECTOR-16}", "letters, digits"),
        ("bob\N{COMBINING GRAPHEME JOINER}", "letters, digits"),
        ("\N{HANGUL FILLER}" * 3, "letters, digits"),
        ("bob", "has this user name"),
        ("BOB", "has this user name"),
        (wide("Bob"), "has this user name"),
    ],
)
def test_other_names_are_refused_in_plain_words(name: str, words: str, ann: User, bob: User, client: Client) -> None:
    answer = client.post("/account/name/", {"username": name})
    assert answer.status_code == 200
    assert words in str(answer.context["form"].errors)
    assert again(ann).username == "ann"


def test_nothing_is_said_to_be_changed_that_was_not(ann: User, client: Client) -> None:
    assert "is changed" not in client.post("/account/name/", {"username": "ann"}, follow=True).content.decode()
    assert "is changed" in client.post("/account/name/", {"username": "anna"}, follow=True).content.decode()


def test_the_own_name_in_another_writing_is_free(ann: User, client: Client) -> None:
    client.post("/account/name/", {"username": "ANN"})
    assert again(ann).username == "ANN"


# --- The address ---


def test_an_address_is_changed_by_the_code_that_was_sent_to_it(ann: User, client: Client) -> None:
    client.post("/account/address/", {"email": NEW})
    assert again(ann).email == OLD
    assert letters_to(OLD) == []
    (letter,) = letters_to(NEW)
    assert client.post("/account/address/confirm/", {"code": code_of(letter)}).status_code == 302
    changed = again(ann)
    assert changed.email == NEW
    assert changed.email_verified_at
    assert list(EmailAddress.objects.filter(user=ann).values_list("email", "verified", "primary")) == [
        (NEW, True, True)
    ]
    assert [len(letters_to(address)) for address in (OLD, NEW)] == [1, 2]
    assert User.objects.called(NEW) == ann


def test_neither_the_code_nor_the_link_is_stored(ann: User, client: Client) -> None:
    change_address(client)
    row = EmailChange.objects.values().get()
    assert code_of(letters_to(NEW)[0]) not in str(row)
    assert path_of(letter_to(OLD)).split("/")[-2] not in str(row)


def test_a_changed_address_signs_the_other_devices_out_and_this_one_stays(
    ann: User, bob: User, client: Client, sign_in: SignIn
) -> None:
    other, somebody = sign_in(ann), sign_in(bob)
    change_address(client)
    assert is_signed_in(client)
    assert not is_signed_in(other)
    assert is_signed_in(somebody)


def test_a_wrong_code_changes_nothing_and_five_end_it(ann: User, client: Client) -> None:
    client.post("/account/address/", {"email": NEW})
    code = code_of(letters_to(NEW)[0])
    wrong = "000000" if code != "000000" else "000001"
    for _attempt in range(5):
        answer = client.post("/account/address/confirm/", {"code": wrong})
        assert "not right" in str(answer.context["form"].errors)
    assert client.post("/account/address/confirm/", {"code": code}).headers["Location"] == "/account/address/"
    assert again(ann).email == "ann@example.test"


def test_a_code_with_spaces_is_the_same_code(ann: User, client: Client) -> None:
    client.post("/account/address/", {"email": NEW})
    code = code_of(letters_to(NEW)[0])
    client.post("/account/address/confirm/", {"code": f" {code[:3]} {code[3:]} "})
    assert again(ann).email == NEW


def test_a_code_holds_for_half_an_hour(ann: User) -> None:
    now = timezone.now()
    identity.ask_for_address(ann, NEW, now)
    assert identity.open_change(ann, now + timedelta(minutes=29))
    assert identity.open_change(ann, now + timedelta(minutes=30)) is None


def test_a_new_code_makes_the_one_before_worthless(ann: User, client: Client) -> None:
    client.post("/account/address/", {"email": "first@example.test"})
    client.post("/account/address/", {"email": NEW})
    first, second = code_of(letter_to("first@example.test")), code_of(letter_to(NEW))
    if first != second:
        client.post("/account/address/confirm/", {"code": first})
        assert again(ann).email == "ann@example.test"
    client.post("/account/address/confirm/", {"code": second})
    assert again(ann).email == NEW


@pytest.mark.parametrize("email", ["bob@example.test", "BOB@example.test"])
def test_nobody_learns_who_has_an_account(email: str, ann: User, bob: User, client: Client) -> None:
    taken = client.post("/account/address/", {"email": email})
    page = client.get("/account/address/confirm/").content.decode()
    assert (taken.status_code, taken.headers["Location"]) == (302, "/account/address/confirm/")
    assert "has been sent" in page
    (letter,) = letters_to(email)
    assert "has an account already" in str(letter.body)
    assert identity.open_change(ann, timezone.now()) is not None
    client.post("/account/address/confirm/", {"code": "123456"})
    assert again(ann).email == "ann@example.test"


def test_an_address_that_was_taken_meanwhile_is_refused(ann: User, client: Client) -> None:
    client.post("/account/address/", {"email": NEW})
    User.objects.create_user("cat", NEW, "cat-pass-word")
    answer = client.post("/account/address/confirm/", {"code": code_of(letters_to(NEW)[0])})
    assert "cannot be used" in str(answer.context["form"].errors)
    assert again(ann).email == "ann@example.test"


def test_the_own_address_is_no_change(client: Client) -> None:
    answer = client.post("/account/address/", {"email": "ANN@example.test"})
    assert "already" in str(answer.context["form"].errors)
    assert not OutboxMail.objects.exists()


def test_five_changes_in_three_days_are_the_most(ann: User, client: Client) -> None:
    for number in range(5):
        assert client.post("/account/address/", {"email": f"{number}@example.test"}).status_code == 302
    answer = client.post("/account/address/", {"email": NEW})
    assert "five times" in str(answer.context["form"].errors)
    assert OutboxMail.objects.count() == 5
    later = timezone.now() + timedelta(hours=73)
    identity.ask_for_address(ann, NEW, later)
    assert identity.open_change(ann, later)


# --- What a mail proves ---


def test_a_new_address_proves_nothing_for_72_hours(ann: User, client: Client) -> None:
    now = timezone.now()
    assert identity.may_prove_by_mail(ann, now)
    with time_machine.travel(now, tick=False):
        change_address(client)
    for hours, proves in ((0, False), (71, False), (72, True)):
        assert identity.may_prove_by_mail(ann, now + timedelta(hours=hours)) is proves
    assert identity.may_prove_by_mail(User.objects.create_user("cat", "cat@example.test"), now)


def test_a_change_that_was_only_asked_for_takes_no_proof_away(ann: User, client: Client) -> None:
    client.post("/account/address/", {"email": NEW})
    assert identity.may_prove_by_mail(ann, timezone.now())


def test_nobody_else_gets_an_address_that_may_still_come_back(ann: User, bob: User, client: Client) -> None:
    change_address(client)
    now = timezone.now()
    assert not identity.is_address_free("ANN@example.test", bob, now)
    assert not identity.is_address_free("ann@example.test", None, now)
    assert identity.is_address_free("ann@example.test", ann, now)
    assert identity.is_address_free("ann@example.test", bob, now + timedelta(hours=73))


@pytest.mark.usefixtures("development")
def test_an_address_that_is_too_young_gets_no_link_to_a_new_password(ann: User, client: Client) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        change_address(client)
        fill_in(Client(), "/account/password/reset/", email=NEW)
        assert "No new password yet" in letter_to(NEW).subject
        assert "/reset/key/" not in str(letter_to(NEW).body)
    with time_machine.travel(now + timedelta(hours=72), tick=False):
        fill_in(Client(), "/account/password/reset/", email=NEW)
        assert "/reset/key/" in str(letter_to(NEW).body)


@pytest.mark.usefixtures("development")
def test_nobody_signs_up_with_an_address_that_may_still_come_back(ann: User, client: Client) -> None:
    change_address(client)
    sign_up(email=OLD)
    assert not User.objects.filter(username="cat").exists()


# --- Many at once ---


@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_the_same_address_one_gets_it() -> None:
    now = timezone.now()
    people = [User.objects.create_user(f"racer{number}", f"racer{number}@example.test") for number in range(4)]
    for person in people:
        identity.ask_for_address(person, NEW, now)
    found = [code_of(letter) for letter in letters_to(NEW)]

    def confirm(number: int) -> str:
        return _outcome(people[number], found, now)

    outcomes = at_once(4, confirm)
    assert sorted(map(str, outcomes)) == ["address_taken"] * 3 + ["changed"]
    assert User.objects.filter(email=NEW).count() == 1
    assert EmailAddress.objects.filter(email=NEW).count() == 1


def _outcome(person: User, codes: list[str], now: datetime) -> str:
    """Try every code that the mailbox holds: which is whose does not show there."""
    for code in codes:
        try:
            identity.confirm_address(person, code, now)
        except IdentityError as error:
            if error.code != "wrong_code":
                return error.code
        else:
            return "changed"
    return "wrong_code"


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_on_a_link_one_undoes(ann: User) -> None:
    now = timezone.now()
    identity.ask_for_address(ann, NEW, now)
    identity.confirm_address(ann, code_of(letter_to(NEW)), now)
    change = EmailChange.objects.get()

    def undo(number: int) -> str:
        try:
            identity.undo_address(change, f"a-whole-new-horse-{number}", now)
        except IdentityError as error:
            return error.code
        return "undone"

    assert sorted(map(str, at_once(4, undo))) == ["cannot_undo"] * 3 + ["undone"]
    assert again(ann).email == OLD


# --- Undoing ---


def test_the_old_address_takes_the_account_back_with_a_new_password(ann: User, client: Client) -> None:
    change_address(client)
    link = path_of(letter_to(OLD))
    page = Client().get(link)
    assert page.status_code == 200
    assert again(ann).email == NEW  # looking changes nothing: programs look at links in mails
    answer = Client().post(link, {"password": "a-whole-new-horse"})
    assert answer.headers["Location"] == "/account/login/"
    restored = again(ann)
    assert restored.email == "ann@example.test"
    assert restored.check_password("a-whole-new-horse")
    assert not is_signed_in(client)
    assert identity.may_prove_by_mail(ann, timezone.now())
    assert "back at this address" in letter_to(OLD).subject
    assert EmailAddress.objects.get(user=ann).email == "ann@example.test"


def test_taking_the_account_back_removes_the_factors_that_came_after_the_change(ann: User, client: Client) -> None:
    change_address(client)
    before = Authenticator.objects.create(user=ann, type=Authenticator.Type.WEBAUTHN, data={})
    Authenticator.objects.filter(pk=before.pk).update(created_at=timezone.now() - timedelta(days=9))
    Authenticator.objects.create(user=ann, type=Authenticator.Type.TOTP, data={})
    answer = Client().post(path_of(letter_to(OLD)), {"password": "a-whole-new-horse"}, follow=True)
    assert answer.status_code == 200
    assert again(ann).email == OLD
    assert list(Authenticator.objects.filter(user=ann)) == [before]


def test_undoing_the_first_change_voids_what_came_after(ann: User, client: Client) -> None:
    change_address(client)
    first = path_of(letter_to(OLD))
    change_address(client, "thief@example.test")
    second = path_of(letter_to(NEW))
    client.post("/account/address/", {"email": "third@example.test"})
    assert Client().post(first, {"password": "a-whole-new-horse"}).status_code == 302
    assert again(ann).email == "ann@example.test"
    assert Client().post(second, {"password": "another-new-horse"}).status_code == 404
    assert identity.open_change(ann, timezone.now()) is None


def test_a_link_undoes_once_and_for_72_hours(ann: User, client: Client) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        change_address(client)
    link = path_of(letter_to(OLD))
    with time_machine.travel(now + timedelta(hours=72), tick=False):
        assert Client().post(link, {"password": "a-whole-new-horse"}).status_code == 404
    assert again(ann).email == NEW
    with time_machine.travel(now + timedelta(hours=71), tick=False):
        assert Client().post(link, {"password": "a-whole-new-horse"}).status_code == 302
        assert Client().get(link).status_code == 404


def test_other_links_undo_nothing(ann: User, client: Client) -> None:
    change_address(client)
    *_start, uuid, token, _end = path_of(letter_to(OLD)).split("/")
    for bad in (f"{uuid}/{token[:-1]}", f"{uuid}/x", f"00000000-0000-4000-8000-000000000000/{token}"):
        assert Client().get(f"/account/address/undo/{bad}/").status_code == 404


def test_a_change_that_was_never_confirmed_cannot_be_undone(ann: User, client: Client) -> None:
    client.post("/account/address/", {"email": NEW})
    change = EmailChange.objects.get()
    assert Client().get(f"/account/address/undo/{change.uuid}/x/").status_code == 404


def test_a_weak_password_is_refused_and_nothing_is_undone(ann: User, client: Client) -> None:
    change_address(client)
    answer = Client().post(path_of(letter_to(OLD)), {"password": "password"})
    assert "Many people use" in str(answer.context["form"].errors)
    assert again(ann).email == NEW


def test_changes_are_forgotten_when_nobody_can_undo_them(ann: User, client: Client) -> None:
    change_address(client)
    now = timezone.now()
    assert identity.forget_old_changes(now + timedelta(hours=72)) == 0
    assert identity.forget_old_changes(now + timedelta(hours=74)) == 1
    assert not EmailChange.objects.exists()


# --- The password ---


def test_the_password_is_changed_by_whoever_knows_it(ann: User, client: Client, sign_in: SignIn) -> None:
    other = sign_in(ann)
    form = {"oldpassword": "ann-pass-word", "password1": "a-whole-new-horse", "password2": "a-whole-new-horse"}
    refused = client.post("/account/password/", form | {"oldpassword": "wrong"})
    assert "This is not your current password." in str(refused.context["form"].errors)
    answer = client.post("/account/password/", form, follow=True)
    assert answer.redirect_chain == [("/account/", 302)]
    assert "Your password is changed." in answer.content.decode()
    assert again(ann).check_password("a-whole-new-horse")
    assert is_signed_in(client)
    assert not is_signed_in(other)


# --- Who may ---


@pytest.mark.parametrize("path", ["/account/address/", "/account/address/confirm/", "/account/password/"])
def test_what_could_lock_somebody_out_needs_a_fresh_proof(path: str, ann: User, sign_in: SignIn) -> None:
    client = sign_in(ann)
    for answer in (client.get(path), client.post(path, {"email": NEW, "oldpassword": "ann-pass-word"})):
        assert answer.headers["Location"].startswith("/account/confirm/?next=")
    assert again(ann).email == OLD
    assert not OutboxMail.objects.exists()


def test_a_password_that_came_too_late_is_kept_nowhere(ann: User, sign_in: SignIn) -> None:
    client = sign_in(ann)
    client.post("/account/password/", {"oldpassword": "ann-pass-word", "password1": "Kanarienvogel-1"})
    assert "Kanarienvogel" not in repr([session.get_decoded() for session in Session.objects.all()])


def test_a_proof_lasts_for_five_minutes(ann: User, sign_in: SignIn) -> None:
    now: datetime = timezone.now()
    with time_machine.travel(now, tick=False):
        client = prove(sign_in(ann), ann)
        assert client.get("/account/address/").status_code == 200
    with time_machine.travel(now + timedelta(minutes=4), tick=False):
        assert client.get("/account/address/").status_code == 200
    with time_machine.travel(now + timedelta(minutes=6), tick=False):
        assert client.get("/account/address/").status_code == 302


@pytest.mark.parametrize(
    "path",
    ["/account/", "/account/name/", "/account/address/", "/account/address/confirm/", "/account/password/"],
)
def test_strangers_are_sent_to_sign_in(path: str, db: None) -> None:
    assert Client().get(path).headers["Location"].startswith("/account/login/")
    if path != "/account/":
        assert Client().post(path).headers["Location"].startswith("/account/login/")


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
@pytest.mark.parametrize("path", ["/account/", "/account/name/", "/account/address/", "/account/address/confirm/"])
def test_other_methods_are_refused(method: str, path: str, client: Client) -> None:
    assert getattr(client, method)(path).status_code == 405


def test_the_profile_shows_what_is_so(ann: User, client: Client, django_assert_max_num_queries: Any) -> None:
    client.post("/account/address/", {"email": NEW})
    with django_assert_max_num_queries(8):
        page = client.get("/account/").content.decode()
    assert "ann@example.test" in page
    assert f"{NEW} waits for its code" in page
    change_address(client, "other@example.test")
    assert "does not prove" in client.get("/account/").content.decode()


def test_the_profile_says_when_the_address_is_not_confirmed(ann: User, client: Client) -> None:
    assert "Not confirmed yet" not in client.get("/account/").content.decode()
    User.objects.filter(pk=ann.pk).update(email_verified_at=None)
    assert "Not confirmed yet" in client.get("/account/").content.decode()
