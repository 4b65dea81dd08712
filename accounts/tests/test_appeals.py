"""The page of what limits an account, and appeals: their words are sealed, and each is answered once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.abuse import appeals, cases, upkeep
from accounts.errors import NotAllowed
from accounts.models import AbuseCase, Appeal, Sanction, User
from billing.tests.threads import at_once
from caicaini import vault
from caicaini.crypto import UnreadableError
from caicaini.models import AuditEvent, WrappedKey
from conftest import SignIn
from privacy import purge

PAGE = "/account/standing/"
WORDS = "I use a screen reader, CANARY-4711, and it reads in an even rhythm."
Decision = AbuseCase.Decision


@pytest.fixture
def suspended(ann: User, sam: User) -> Sanction:
    now = timezone.now()
    case = cases.open_by_hand(ann, sam, now)
    cases.decide(
        case,
        Decision.SUSPEND,
        sam,
        now,
        reason="automated_use",
        expires_at=now + timedelta(days=7),
        note="Forty messages at even pauses.",
    )
    return Sanction.objects.get()


def appeal(client: Client, sanction: Sanction, text: str = WORDS) -> Any:
    return client.post(f"{PAGE}{sanction.uuid}/appeal/", {"text": text}, follow=True)


@pytest.mark.django_db
def test_page_of_an_ordinary_person_says_that_nothing_limits_it(ann: User, sign_in: SignIn) -> None:
    answer = sign_in(ann).get(PAGE)
    assert answer.status_code == 200
    assert "Nothing limits this account" in answer.content.decode()


@pytest.mark.django_db
def test_page_says_what_why_until_when_and_by_whom(ann: User, suspended: Sanction, sign_in: SignIn) -> None:
    page = sign_in(ann).get(PAGE).content.decode()
    for words in ("No messages and no purchases for a time", "Use of the pages by a program", "An operator"):
        assert words in page
    assert "Forty messages at even pauses." in page
    assert f"{suspended.expires_at:%Y, %H:%M} UTC" in page


@pytest.mark.django_db
def test_stranger_signs_in_first_and_another_person_sees_and_does_nothing(
    bob: User, suspended: Sanction, sign_in: SignIn
) -> None:
    assert Client().get(PAGE).headers["Location"].startswith("/account/login/")
    assert Client().post(f"{PAGE}{suspended.uuid}/appeal/", {"text": "x"}).status_code == 302
    client = sign_in(bob)
    assert "Nothing limits this account" in client.get(PAGE).content.decode()
    assert appeal(client, suspended).status_code == 404
    assert client.post(f"{PAGE}{uuid4()}/appeal/", {"text": "x"}).status_code == 404
    assert not Appeal.objects.exists()


@pytest.mark.django_db
def test_wrong_methods_are_refused(ann: User, suspended: Sanction, sign_in: SignIn) -> None:
    client = sign_in(ann)
    assert client.post(PAGE).status_code == 405
    assert client.get(f"{PAGE}{suspended.uuid}/appeal/").status_code == 405
    assert client.get(f"{PAGE}check/").status_code == 405


@pytest.mark.django_db
def test_page_costs_the_same_however_many_appeals(
    ann: User, sam: User, suspended: Sanction, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    for _ in range(appeals.MOST):
        one = appeals.make(suspended, ann, WORDS, timezone.now())
        appeals.answer(one, sam, "No.", timezone.now(), is_granted=False)
    client = sign_in(ann)
    with django_assert_max_num_queries(6):
        assert client.get(PAGE).status_code == 200


@pytest.mark.django_db
def test_appeal_is_stored_sealed_and_shown_to_its_owner(ann: User, suspended: Sanction, sign_in: SignIn) -> None:
    client = sign_in(ann)
    page = appeal(client, suspended).content.decode()
    assert WORDS in page
    assert "It waits for an answer." in page
    assert 'name="text"' not in page  # one at a time
    row = Appeal.objects.get()
    assert b"CANARY" not in bytes(row.text)
    assert "CANARY" not in str(list(AuditEvent.objects.values()))


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "   ", "x" * (appeals.LONGEST_TEXT + 1)])
def test_appeal_that_says_nothing_or_too_much_is_asked_for_again(
    text: str, ann: User, suspended: Sanction, sign_in: SignIn
) -> None:
    answer = sign_in(ann).post(f"{PAGE}{suspended.uuid}/appeal/", {"text": text})
    assert answer.status_code == 400
    assert f'id="appeal-error-{suspended.uuid}"' in answer.content.decode()
    assert not Appeal.objects.exists()


@pytest.mark.django_db
def test_second_open_appeal_is_refused_and_leaves_no_key(ann: User, suspended: Sanction, sign_in: SignIn) -> None:
    client = sign_in(ann)
    appeal(client, suspended)
    assert "waiting for an answer already" in appeal(client, suspended).content.decode()
    assert Appeal.objects.count() == WrappedKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_appeals_sent_at_once_become_one(ann: User, suspended: Sanction) -> None:
    found = at_once(4, lambda _number: appeals.make(suspended, ann, WORDS, timezone.now()))
    assert sum(isinstance(each, Appeal) for each in found) == 1
    assert sum(isinstance(each, NotAllowed) for each in found) == 3
    assert Appeal.objects.count() == WrappedKey.objects.count() == 1


@pytest.mark.django_db
def test_granted_appeal_lifts_the_sanction_and_is_on_record(
    ann: User, sam: User, suspended: Sanction, sign_in: SignIn
) -> None:
    row = appeals.make(suspended, ann, WORDS, timezone.now())
    appeals.answer(row, sam, "You are right. Sorry.", timezone.now(), is_granted=True)
    ann.refresh_from_db()
    assert ann.sanctioned_until is None
    page = sign_in(ann).get(PAGE).content.decode()
    for words in ("Nothing limits this account", "What is over", "Granted", "You are right. Sorry."):
        assert words in page
    event = AuditEvent.objects.get(action="abuse.appeal_answered")
    assert (event.actor, event.facts["state"]) == (sam.uuid, "granted")
    with pytest.raises(NotAllowed):
        appeals.answer(row, sam, "No.", timezone.now(), is_granted=False)


@pytest.mark.django_db
def test_refused_appeal_keeps_the_sanction_and_three_are_enough(ann: User, sam: User, suspended: Sanction) -> None:
    for _ in range(appeals.MOST):
        row = appeals.make(suspended, ann, WORDS, timezone.now())
        appeals.answer(row, sam, "No.", timezone.now(), is_granted=False)
    with pytest.raises(NotAllowed) as caught:
        appeals.make(suspended, ann, WORDS, timezone.now())
    assert caught.value.code == "appeals_used_up"
    suspended.refresh_from_db()
    assert suspended.lifted_at is None


@pytest.mark.django_db
def test_operator_who_reads_is_on_record_and_nobody_else_reads(
    ann: User, bob: User, sam: User, suspended: Sanction
) -> None:
    row = appeals.make(suspended, ann, WORDS, timezone.now())
    assert appeals.read_for_operator(row, sam, timezone.now()).text == WORDS
    assert AuditEvent.objects.filter(action="abuse.appeal_read", actor=sam.uuid, subject=str(ann.uuid)).count() == 1
    for who in (ann, bob):
        with pytest.raises(NotAllowed):
            appeals.read_for_operator(row, who, timezone.now())
        with pytest.raises(NotAllowed):
            appeals.answer(row, who, "Yes.", timezone.now(), is_granted=True)


@pytest.mark.django_db
def test_words_of_one_appeal_do_not_open_in_another(ann: User, sam: User, suspended: Sanction) -> None:
    first = appeals.make(suspended, ann, WORDS, timezone.now())
    appeals.answer(first, sam, "No.", timezone.now(), is_granted=False)
    second = appeals.make(suspended, ann, "Again.", timezone.now())
    Appeal.objects.filter(pk=second.pk).update(text=first.text)
    second.refresh_from_db()
    with pytest.raises(UnreadableError):
        appeals.read([second])
    assert appeals.read([first])[0].text == WORDS


@pytest.mark.django_db
def test_sweep_of_unused_keys_leaves_those_of_appeals(ann: User, suspended: Sanction) -> None:
    row = appeals.make(suspended, ann, WORDS, timezone.now())
    vault.create(uuid4(), timezone.now())
    assert purge.sweep_unused_keys(timezone.now() + timedelta(days=2)) == 1
    assert appeals.read([row])[0].text == WORDS


@pytest.mark.django_db
def test_appeal_goes_with_its_key_a_year_after_the_end(ann: User, sam: User, suspended: Sanction) -> None:
    row = appeals.make(suspended, ann, WORDS, timezone.now())
    upkeep.forget_old(timezone.now() + timedelta(days=800))
    assert Appeal.objects.exists()  # an open one waits for its answer
    appeals.answer(row, sam, "No.", timezone.now(), is_granted=False)
    upkeep.forget_old(timezone.now() + timedelta(days=373))
    assert not Appeal.objects.exists()
    assert not Sanction.objects.exists()
    assert not AbuseCase.objects.exists()
    assert not WrappedKey.objects.exists()


@pytest.mark.django_db
def test_check_is_passed_on_the_page(ann: User, sam: User, sign_in: SignIn) -> None:
    now = timezone.now()
    case = cases.open_by_hand(ann, sam, now)
    cases.decide(case, Decision.CAPTCHA, sam, now, reason="automated_use", expires_at=now + timedelta(days=1))
    client = sign_in(ann)
    page = client.get(PAGE)
    assert "I am a person" in page.content.decode()
    assert "challenges.cloudflare.com" not in page.content.decode() + str(page.headers)
    proof = page.context["proof"]
    for form in ({}, {"form_proof": "invented"}, {"form_proof": proof, "website": "https://x.example"}):
        assert "That did not count" in client.post(f"{PAGE}check/", form, follow=True).content.decode()
        assert not Sanction.objects.filter(passed_until__isnull=False).exists()
    passed = client.post(f"{PAGE}check/", {"form_proof": proof}, follow=True).content.decode()
    assert "You can go on." in passed
    assert "You have passed the check" in passed
    assert "That did not count" in client.post(f"{PAGE}check/", {"form_proof": proof}, follow=True).content.decode()


@pytest.mark.django_db
def test_database_refuses_a_second_open_appeal(ann: User, suspended: Sanction) -> None:
    row = appeals.make(suspended, ann, WORDS, timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.create(
            sanction=suspended, open_for=row.open_for, text=b"x", made_at=datetime(2026, 1, 1, tzinfo=UTC)
        )
