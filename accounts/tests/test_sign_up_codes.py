"""The code that confirms a sign-up's address: how it ends, where another comes from, and what goes without it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.errors import NotAllowed
from accounts.models import OutboxMail, User
from accounts.standing import require
from accounts.tests import newcomers
from accounts.tests.newcomers import CONFIRM, FIREFOX, PASSWORD, code_for, enter, letters_to, sign_up
from caicaini.personal_data import Purpose
from conftest import SignIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("development")]
VERIFY = "/account/verify/"


@pytest.fixture
def cat() -> User:
    """Somebody who signed up and never entered the code."""
    sign_up()
    return User.objects.get(username="cat")


def words(answer: Any) -> str:
    return str(answer.content.decode())


# --- The code ---


@pytest.mark.parametrize("address", ["cat@example.test", "ann@example.test"])
def test_five_wrong_codes_end_it_and_lead_to_another(address: str, ann: User) -> None:
    client = Client()
    sign_up(client, email=address)
    right = "" if address == ann.email else code_for(address)  # no code goes to an address that has an account
    for left in ("4 tries are left", "3 tries are left", "2 tries are left", "1 try is left"):
        answer = enter(client, "WRONG1")
        assert answer.status_code == 200
        assert "id_code_error" in words(answer)
        assert left in words(answer)
    answer = enter(client, "WRONG1")
    assert answer.headers["Location"] == f"/account/login/?next={VERIFY}"
    page = words(client.get(answer.headers["Location"]))
    assert "is used up. Sign in to get another." in page
    assert "Too many" not in page
    assert enter(client, right).headers["Location"] == "/account/login/"
    assert not User.objects.filter(username="cat").exclude(email_verified_at=None).exists()


def test_five_wrong_codes_of_somebody_signed_in_lead_to_another(cat: User, sign_in: SignIn) -> None:
    client = sign_in(cat)
    cache.clear()
    client.post(VERIFY)
    for _attempt in range(4):
        assert enter(client, "WRONG1").status_code == 200
    answer = enter(client, "WRONG1")
    assert answer.headers["Location"] == VERIFY
    assert "is used up" in words(client.get(VERIFY))


def test_an_empty_field_is_no_wrong_code() -> None:
    client = Client()
    sign_up(client)
    for _attempt in range(7):
        assert "required" in words(enter(client, "  "))
    assert enter(client, code_for("cat@example.test")).headers["Location"] == "/chat/"


@pytest.mark.parametrize("address", ["cat@example.test", "ann@example.test"])
def test_a_code_that_is_too_old_says_so(address: str, ann: User) -> None:
    client = Client()
    sign_up(client, email=address)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        answer = client.get(CONFIRM)
        assert answer.headers["Location"] == f"/account/login/?next={VERIFY}"
        assert "more than 15 minutes old" in words(client.get("/account/login/"))


def test_a_code_is_worth_nothing_in_another_browser() -> None:
    sign_up()
    other = Client()
    sign_up(other, email="dog@example.test", username="dog")
    assert enter(other, code_for("cat@example.test")).status_code == 200
    assert not User.objects.exclude(email_verified_at=None).exists()


def test_nobody_waits_for_a_code(ann: User, sign_in: SignIn) -> None:
    assert Client().get(CONFIRM).headers["Location"] == "/account/login/"
    assert sign_in(ann).get(CONFIRM).headers["Location"] == "/account/email/"
    assert sign_in(ann).get("/account/email/").headers["Location"] == "/chat/"


# --- A wrong address ---

LEAVE, ADDRESS = "/account/confirm-email/leave/", "/account/address/"


def test_who_mistyped_the_address_corrects_it() -> None:
    client = Client(headers=FIREFOX)
    sign_up(client)
    assert f'action="{LEAVE}"' in client.get(CONFIRM).content.decode()
    login = client.post(LEAVE).headers["Location"]
    assert login == f"/account/login/?next={ADDRESS}"
    answer = newcomers.fill_in(client, login, login="cat", password=PASSWORD, next=ADDRESS)
    assert answer.headers["Location"] == ADDRESS
    assert client.get(ADDRESS).status_code == 200


def test_leaving_looks_the_same_for_an_address_that_has_an_account(ann: User) -> None:
    clients = [Client(headers=FIREFOX), Client(headers=FIREFOX)]
    for client, email in zip(clients, ("new@example.test", ann.email), strict=True):
        sign_up(client, username=f"cat{email[:3]}", email=email)
    answers = [client.post(LEAVE) for client in clients]
    assert len({(answer.status_code, answer.headers["Location"]) for answer in answers}) == 1
    assert [client.get("/account/login/").status_code for client in clients] == [200, 200]


def test_nobody_waits_and_leaving_leads_to_the_same_page() -> None:
    assert Client().post(LEAVE).headers["Location"] == f"/account/login/?next={ADDRESS}"
    assert Client().get(LEAVE).status_code == 405


# --- Before the address is confirmed ---


def test_one_may_sign_in_and_look_around_but_not_send(cat: User) -> None:
    client = Client()
    answer = newcomers.fill_in(client, "/account/login/", login="cat", password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/chat/")
    page = words(client.get("/chat/"))
    assert "not confirmed yet" in page
    assert f'href="{VERIFY}"' in page
    with pytest.raises(NotAllowed) as caught:
        require(cat, Purpose.CHAT)
    assert (caught.value.code, caught.value.status) == ("email_unverified", 403)
    assert VERIFY in str(caught.value.message)
    require(cat, Purpose.ACCOUNT)


def test_a_fresh_code_is_a_button_away(cat: User, sign_in: SignIn) -> None:
    client = sign_in(cat)
    assert "cat@example.test" in words(client.get(VERIFY))
    mail.outbox.clear()
    cache.clear()  # ten seconds have passed since the last code
    assert client.post(VERIFY).headers["Location"] == CONFIRM
    assert enter(client, code_for("cat@example.test")).headers["Location"] == "/chat/"
    assert "not confirmed yet" not in words(client.get("/chat/"))
    assert client.get(VERIFY).headers["Location"] == "/chat/"
    cat.refresh_from_db()
    require(cat, Purpose.CHAT)


def test_signing_in_by_address_right_after_signing_up_is_not_too_soon(cat: User) -> None:
    client = Client()
    answer = newcomers.fill_in(client, "/account/login/", login=cat.email, password=PASSWORD)
    assert answer.headers["Location"] == "/chat/"
    assert newcomers.fill_in(Client(), "/account/login/", login=cat.email, password="wrong").status_code == 200


def test_the_password_chosen_at_sign_up_is_recent_proof() -> None:
    client = Client()
    sign_up(client)
    enter(client, code_for("cat@example.test"))
    assert client.get("/account/close/").status_code == 200


def test_codes_come_at_most_every_ten_seconds(cat: User, sign_in: SignIn) -> None:
    answer = sign_in(cat).post(VERIFY)
    assert answer.status_code == 429
    assert "Wait a minute" in words(answer)
    assert len(letters_to("cat@example.test")) == 1


def test_the_page_for_a_code_is_for_its_owner_alone() -> None:
    assert Client().get(VERIFY).headers["Location"] == f"/account/login/?next={VERIFY}"
    assert Client().post(VERIFY).status_code == 302
    assert not OutboxMail.objects.exists()


def test_other_methods_are_refused(cat: User, sign_in: SignIn) -> None:
    assert sign_in(cat).put(VERIFY).status_code == 405


def test_asking_whether_one_may_send_costs_no_query(cat: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0), pytest.raises(NotAllowed):
        require(cat, Purpose.CHAT)


def test_the_column_follows_allauths_row(cat: User) -> None:
    row = EmailAddress.objects.get(user=cat)
    for is_verified in (True, False, True):
        row.verified = is_verified
        row.save()
        assert bool(User.objects.get(pk=cat.pk).email_verified_at) is is_verified
    EmailAddress.objects.create(user=cat, email="other@example.test", verified=False)
    assert User.objects.get(pk=cat.pk).email_verified_at


def test_accounts_that_operators_make_count_as_confirmed(ann: User) -> None:
    require(ann, Purpose.CHAT)
    assert EmailAddress.objects.get(user=ann).verified
