"""Misuse in the console: operators judge with a reason on record, never about themselves, and see no one's words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts import abuse
from accounts.abuse import appeals
from accounts.models import AbuseCase, Appeal, Sanction, SignalKind, User
from caicaini.models import AuditEvent
from conftest import SignIn, make_user

pytestmark = pytest.mark.django_db
LISTS = [f"/admin/accounts/{name}/" for name in ("abusesignal", "abusecase", "sanction", "appeal")]


@pytest.fixture
def case(ann: User) -> AbuseCase:
    for _ in range(2):
        abuse.signal(ann, SignalKind.PAYMENT_FRAUD, timezone.now(), f"payment:{uuid4()}")
    return AbuseCase.objects.get()


def page_of(row: AbuseCase | Appeal) -> str:
    return f"/admin/accounts/{row._meta.model_name}/{row.pk}/change/"


def decide(client: Client, case: AbuseCase, **fields: Any) -> Any:
    end = timezone.now() + timedelta(days=3)
    usual = {
        "decision": "suspend",
        "reason": "payment_fraud",
        "expires_at_0": f"{end:%Y-%m-%d}",
        "expires_at_1": f"{end:%H:%M:%S}",
        "note": "Two payments were taken back.",
    }
    return client.post(page_of(case), {**usual, **fields}, follow=True)


@pytest.mark.parametrize("page", LISTS)
def test_lists_are_for_operators_and_nothing_is_added_or_deleted_by_hand(
    page: str, case: AbuseCase, bob: User, sam: User, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client = sign_in(sam)
    with django_assert_max_num_queries(8):
        assert client.get(page).status_code == 200
    assert client.get(f"{page}add/").status_code == 403
    assert client.get(f"{page}1/delete/").status_code in {302, 403}
    assert sign_in(bob).get(page, follow=True).status_code == 403
    assert Client().get(page).status_code == 302


def test_case_shows_score_reasons_and_signals_by_kind_and_count(case: AbuseCase, sam: User, sign_in: SignIn) -> None:
    page = sign_in(sam).get(page_of(case)).content.decode()
    assert str(case.user.uuid) in page
    assert "at 100 points; now 100." in page
    assert "a payment that is not what it seems" in page.lower()
    assert "<td>2</td>" in page
    assert case.user.email not in page


def test_operator_suspends_with_reason_end_and_note(case: AbuseCase, ann: User, sam: User, sign_in: SignIn) -> None:
    answer = decide(sign_in(sam), case)
    assert "The case is decided." in answer.content.decode()
    sanction = Sanction.objects.get(kind="suspend")
    assert (sanction.set_by, sanction.reason, sanction.user) == (sam.uuid, "payment_fraud", ann)
    assert sanction.expires_at
    case.refresh_from_db()
    assert case.note == "Two payments were taken back."
    assert AuditEvent.objects.get(action="abuse.case_decided").actor == sam.uuid
    assert "Two payments were taken back." in sign_in(sam).get(page_of(case)).content.decode()
    assert "already" in decide(sign_in(sam), case).content.decode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"reason": ""}, "Say why"),
        ({"expires_at_0": "", "expires_at_1": ""}, "Say until when"),
        ({"expires_at_0": "2020-01-01"}, "in the future"),
        ({"decision": "exile"}, "Select a valid choice"),
    ],
)
def test_half_a_decision_is_asked_for_again(
    fields: dict[str, str], said: str, case: AbuseCase, sam: User, sign_in: SignIn
) -> None:
    assert said in decide(sign_in(sam), case, **fields).content.decode()
    case.refresh_from_db()
    assert case.state == "open"


def test_operator_cannot_decide_about_oneself(sam: User, sign_in: SignIn) -> None:
    for _ in range(2):
        abuse.signal(sam, SignalKind.PAYMENT_FRAUD, timezone.now(), f"payment:{uuid4()}")
    own = AbuseCase.objects.get()
    assert "another operator has to decide" in decide(sign_in(sam), own, decision="nothing").content.decode()
    own.refresh_from_db()
    assert own.state == "open"


def test_operator_without_the_right_looks_and_does_not_decide(case: AbuseCase, sign_in: SignIn) -> None:
    viewer = make_user("vera", is_staff=True)
    client = sign_in(viewer)
    assert client.get(page_of(case)).status_code == 403
    viewer.user_permissions.add(Permission.objects.get(codename="view_abusecase"))
    client = sign_in(User.objects.get(pk=viewer.pk))
    page = client.get(page_of(case))
    assert page.status_code == 200
    assert 'name="decision"' not in page.content.decode()
    assert decide(client, case).status_code == 403
    case.refresh_from_db()
    assert case.state == "open"


@pytest.mark.parametrize("number", ["0", "999999", "x", "²"])
def test_case_that_does_not_exist_is_404(number: str, sam: User, sign_in: SignIn) -> None:
    assert sign_in(sam).get(f"/admin/accounts/abusecase/{number}/change/").status_code == 404


def test_sanctions_are_lifted_from_the_list(case: AbuseCase, ann: User, sam: User, sign_in: SignIn) -> None:
    sanction = Sanction.objects.get()
    answer = sign_in(sam).post(
        "/admin/accounts/sanction/", {"action": "lift", "_selected_action": [sanction.pk]}, follow=True
    )
    assert "1 sanction is lifted." in answer.content.decode()
    sanction.refresh_from_db()
    assert (sanction.lifted_by, sanction.is_in_force(timezone.now())) == (sam.uuid, False)
    ann.refresh_from_db()
    assert ann.sanctioned_until is None


def test_appeal_is_read_and_answered(case: AbuseCase, ann: User, sam: User, sign_in: SignIn) -> None:
    row = appeals.make(Sanction.objects.get(), ann, "It was my bank, CANARY-1.", timezone.now())
    client = sign_in(sam)
    assert "CANARY" not in client.get("/admin/accounts/appeal/").content.decode()
    assert "It was my bank, CANARY-1." in client.get(page_of(row)).content.decode()
    assert AuditEvent.objects.filter(action="abuse.appeal_read", subject=str(ann.uuid)).count() == 1
    answer = client.post(page_of(row), {"is_granted": "yes", "text": "Thank you for the letter."}, follow=True)
    assert "The appeal is answered." in answer.content.decode()
    row.refresh_from_db()
    assert (row.state, row.answered_by) == ("granted", sam.uuid)
    assert not Sanction.objects.in_force(timezone.now()).exists()
    assert "CANARY" not in str(list(AuditEvent.objects.values("facts", "subject")))


def test_operator_cannot_answer_an_appeal_of_ones_own(sam: User, sign_in: SignIn) -> None:
    for _ in range(2):
        abuse.signal(sam, SignalKind.PAYMENT_FRAUD, timezone.now(), f"payment:{uuid4()}")
    row = appeals.make(Sanction.objects.get(), sam, "I did nothing.", timezone.now())
    client = sign_in(sam)
    page = client.post(page_of(row), {"is_granted": "yes", "text": "Sure."}, follow=True).content.decode()
    assert "another operator has to decide" in page
    row.refresh_from_db()
    assert row.state == "open"


def test_case_is_opened_from_the_list_of_people(ann: User, sam: User, sign_in: SignIn) -> None:
    client = sign_in(sam)
    answer = client.post("/admin/accounts/user/", {"action": "open_case", "_selected_action": [ann.pk]}, follow=True)
    case = AbuseCase.objects.get()
    assert answer.redirect_chain[-1][0] == page_of(case)
    assert "Nothing." in answer.content.decode()
