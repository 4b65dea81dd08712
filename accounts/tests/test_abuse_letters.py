"""The mails about sanctions: who is limited is told by mail too, in plain words and without anybody's text."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts import abuse
from accounts.abuse import appeals, cases, sanctions
from accounts.models import AbuseCase, OutboxMail, Sanction, SignalKind, User
from accounts.outbox import letters, sealing

pytestmark = pytest.mark.django_db


def mails() -> list[tuple[str, str, letters.Letter]]:
    """Give kind, address and words of every mail that was posted, in order."""
    found = []
    for mail in OutboxMail.objects.order_by("pk"):
        address, context = sealing.open_up(mail)
        found.append((mail.kind, address, letters.write(mail, context)))
    return found


def suspect(user: User) -> AbuseCase:
    for _ in range(2):
        abuse.signal(user, SignalKind.PAYMENT_FRAUD, timezone.now(), f"payment:{uuid4()}")
    return AbuseCase.objects.get(open_for=user.uuid)


def decide(case: AbuseCase, decision: str, operator: User, **fields: Any) -> None:
    wanted = {"reason": "automated_use", "expires_at": timezone.now() + timedelta(days=2), **fields}
    cases.decide(case, decision, operator, timezone.now(), **wanted)


def test_measure_of_a_program_is_told_as_one(ann: User) -> None:
    suspect(ann)
    ((kind, address, letter),) = mails()
    assert (kind, address) == ("sanction_set", ann.email)
    for words in (
        "fewer messages a minute",
        "a payment that was not honest",
        "A program did this",
        "/account/standing/",
    ):
        assert words in letter.text
        assert words in letter.html


def test_decision_of_an_operator_is_told_and_its_note_stays_on_the_page(ann: User, sam: User) -> None:
    decide(suspect(ann), "suspend", sam, note="CANARY-3 was said here.")
    kind, address, letter = mails()[-1]
    assert (kind, address) == ("sanction_set", ann.email)
    assert "An operator decided this." in letter.text
    assert "UTC" in letter.text
    assert "CANARY" not in letter.text + letter.html


def test_end_of_a_measure_without_another_one_is_told(ann: User, sam: User) -> None:
    decide(suspect(ann), "nothing", sam)
    assert [kind for kind, _address, _letter in mails()] == ["sanction_set", "sanction_lifted"]


def test_lifting_is_told_once(ann: User, sam: User) -> None:
    decide(suspect(ann), "ban", sam, expires_at=None)
    assert "Until: further notice" in mails()[-1][2].text
    for _ in range(2):
        sanctions.lift(Sanction.objects.get(kind="ban"), sam, timezone.now())
    assert [kind for kind, _address, _letter in mails()] == ["sanction_set", "sanction_set", "sanction_lifted"]


def test_answer_to_an_appeal_is_told_without_its_words(ann: User, sam: User) -> None:
    suspect(ann)
    row = appeals.make(Sanction.objects.get(), ann, "CANARY-4", timezone.now())
    appeals.answer(row, sam, "CANARY-5", timezone.now(), is_granted=False)
    kind, address, letter = mails()[-1]
    assert (kind, address) == ("appeal_answered", ann.email)
    assert "CANARY" not in letter.text + letter.html


def test_decision_that_fails_mails_nobody(ann: User, sam: User) -> None:
    case = cases.open_by_hand(ann, sam, timezone.now())
    decide(case, "suspend", sam)
    count = OutboxMail.objects.count()
    with pytest.raises(Exception, match="case_decided"):
        decide(case, "ban", sam)
    assert OutboxMail.objects.count() == count
