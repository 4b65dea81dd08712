"""Signals, scores, cases and sanctions: what fades, what opens a case, and what only an operator may do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import abuse, measures, signals, standing
from accounts.abuse import cases, sanctions, scores, upkeep
from accounts.abuse.scores import Noticed
from accounts.abuse.weights import CASE_AT, MEASURE_FOR, MOST_A_DAY, WEIGHTS
from accounts.errors import NotAllowed
from accounts.models import AbuseCase, AbuseSignal, Appeal, Reason, Sanction, SignalKind, TokenFamily, User
from billing.tests.threads import at_once
from caicaini.models import AuditEvent
from caicaini.personal_data import Purpose

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY = timedelta(days=1)
Kind, Decision = Sanction.Kind, AbuseCase.Decision


def notice(user: User, kind: SignalKind, count: int = 1, now: datetime = NOW) -> None:
    for _ in range(count):
        abuse.signal(user, kind, now, f"run:{uuid4()}")


def suspect(user: User, now: datetime = NOW) -> AbuseCase:
    """Bring somebody to a case by payments that were not honest."""
    notice(user, SignalKind.PAYMENT_FRAUD, 2, now)
    return AbuseCase.objects.get(open_for=user.uuid)


def in_force(user: User, now: datetime = NOW) -> set[str]:
    user.refresh_from_db()
    return {sanction.kind for sanction in measures.in_force(user, now)}


def refusal(user: User, purpose: Purpose, now: datetime = NOW) -> NotAllowed | None:
    user.refresh_from_db()
    try:
        standing.require(user, purpose, now)
    except NotAllowed as error:
        return error
    return None


def code(user: User, purpose: Purpose, now: datetime = NOW) -> str:
    error = refusal(user, purpose, now)
    return error.code if error else ""


# --- Scores ---

NOTICED = st.builds(
    Noticed,
    kind=st.sampled_from(SignalKind),
    points=st.integers(0, 60),
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)


def test_every_kind_has_a_weight_and_no_single_signal_opens_a_case() -> None:
    assert set(WEIGHTS) == set(SignalKind)
    assert all(weight.points < CASE_AT for weight in WEIGHTS.values())


@given(noticed=st.lists(NOTICED, max_size=12), order=st.randoms(use_true_random=False))
def test_score_is_never_negative_and_does_not_depend_on_the_order(noticed: list[Noticed], order: Any) -> None:
    mixed = list(noticed)
    order.shuffle(mixed)
    assert scores.score(mixed, NOW) == scores.score(noticed, NOW)
    assert 0 <= scores.score(noticed, NOW).total <= sum(each.points for each in noticed) + 1e-6


@given(noticed=st.lists(NOTICED, max_size=8), later=st.timedeltas(timedelta(), timedelta(days=400)))
def test_score_only_falls_while_nothing_new_is_noticed(noticed: list[Noticed], later: timedelta) -> None:
    assert scores.score(noticed, NOW + later).total <= scores.score(noticed, NOW).total + 1e-9


@given(noticed=st.lists(NOTICED, max_size=8), more=NOTICED)
def test_another_signal_never_makes_anybody_look_better(noticed: list[Noticed], more: Noticed) -> None:
    assert scores.score([*noticed, more], NOW).total >= scores.score(noticed, NOW).total - 1e-9


@pytest.mark.parametrize("kind", SignalKind)
def test_half_is_left_after_the_half_life(kind: SignalKind) -> None:
    weight = WEIGHTS[kind]
    left = scores.score([Noticed(kind, 40, NOW - weight.half_life)], NOW).total
    assert left == pytest.approx(20)


# --- Signals and cases ---


@pytest.mark.django_db
def test_signals_add_up_to_one_case_with_reasons(ann: User) -> None:
    notice(ann, SignalKind.PROMPT_INJECTION, 7)
    assert not AbuseCase.objects.exists()
    notice(ann, SignalKind.PROMPT_INJECTION, 3)
    case = AbuseCase.objects.get()
    assert (case.user, case.state, case.open_for, case.score) == (ann, "open", ann.uuid, 64)
    assert case.reasons == ["prompt_injection"]
    event = AuditEvent.objects.get(action="abuse.case_opened")
    assert (event.subject, event.actor) == (str(ann.uuid), None)


@pytest.mark.django_db
def test_same_evidence_counts_once_and_a_flood_is_cut_off(ann: User) -> None:
    for _ in range(3):
        abuse.signal(ann, SignalKind.DISPOSABLE_MAIL, NOW, "signup")
    assert AbuseSignal.objects.count() == 1
    for _ in range(MOST_A_DAY + 5):
        abuse.signal(ann, SignalKind.PROMPT_INJECTION, NOW)
    assert AbuseSignal.objects.filter(kind="prompt_injection").count() == MOST_A_DAY
    abuse.signal(ann, SignalKind.PROMPT_INJECTION, NOW + DAY)
    assert AbuseSignal.objects.filter(kind="prompt_injection").count() == MOST_A_DAY + 1


@pytest.mark.django_db
def test_what_faded_opens_no_case(ann: User) -> None:
    notice(ann, SignalKind.PROMPT_INJECTION, 5, NOW)
    notice(ann, SignalKind.PROMPT_INJECTION, 5, NOW + 6 * DAY)
    assert not AbuseCase.objects.exists()


@pytest.mark.django_db
def test_stolen_sign_in_is_kept_and_weighs_nothing(ann: User) -> None:
    notice(ann, SignalKind.SESSION_THEFT, 15)
    assert AbuseSignal.objects.count() == 15
    assert not AbuseCase.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"restricted_at": NOW}, {"is_active": False}])
def test_nothing_is_noted_about_whom_it_may_not_be_done(ann: User, change: dict[str, Any]) -> None:
    User.objects.filter(pk=ann.pk).update(**change)
    notice(ann, SignalKind.PAYMENT_FRAUD, 3)
    assert not AbuseSignal.objects.exists()
    assert not AbuseCase.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_signals_at_once_open_one_case(ann: User) -> None:
    notice(ann, SignalKind.PAYMENT_FRAUD)

    def one(_number: int) -> None:
        notice(ann, SignalKind.PAYMENT_FRAUD)

    assert at_once(4, one) == [None] * 4
    assert AbuseSignal.objects.count() == 5
    assert AbuseCase.objects.count() == 1
    assert Sanction.objects.count() == 1


@pytest.mark.django_db
def test_database_refuses_a_second_open_case(ann: User) -> None:
    suspect(ann)
    with pytest.raises(IntegrityError), transaction.atomic():
        AbuseCase.objects.create(user=ann, open_for=ann.uuid, opened_at=NOW, score=1)


# --- What a program may do, and what it may not ---


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [kind for kind in SignalKind if WEIGHTS[kind].points])
def test_no_flood_of_signals_leads_to_more_than_a_mild_measure_that_ends(ann: User, kind: SignalKind) -> None:
    for day in range(30):
        notice(ann, kind, MOST_A_DAY, NOW + day * DAY)
    assert AbuseCase.objects.filter(user=ann).count() == 1
    found = list(Sanction.objects.all())
    assert found
    assert {sanction.kind for sanction in found} <= set(Sanction.MILD)
    assert all(sanction.expires_at == sanction.begins_at + MEASURE_FOR for sanction in found)
    assert in_force(ann, found[0].begins_at + MEASURE_FOR) == set()
    assert code(ann, Purpose.CHAT, found[0].begins_at + MEASURE_FOR) == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "has_end"), [(Kind.SUSPEND, True), (Kind.BAN, False), (Kind.BAN, True), (Kind.SLOW, False)]
)
def test_nobody_is_shut_out_by_a_machine_alone(ann: User, kind: str, has_end: bool) -> None:
    case = suspect(ann)
    expires_at = NOW + DAY if has_end else None
    before = Sanction.objects.count()
    with pytest.raises(ValueError, match="operator"):
        sanctions.impose(case, kind, Reason.TERMS, NOW, expires_at=expires_at)
    assert Sanction.objects.count() == before
    with pytest.raises(IntegrityError), transaction.atomic():  # and not past the code either
        Sanction.objects.create(
            user=ann, case=case, kind=kind, reason=Reason.TERMS, begins_at=NOW, expires_at=expires_at
        )


@pytest.mark.django_db
@pytest.mark.parametrize("decision", Decision.values)
def test_only_operators_decide_and_never_about_themselves(decision: str, ann: User, bob: User, sam: User) -> None:
    case, own = suspect(ann), suspect(sam)
    wanted: dict[str, Any] = {"reason": Reason.TERMS, "expires_at": NOW + DAY}
    for who, what, expected in ((bob, case, "not_an_operator"), (ann, case, "not_an_operator"), (sam, own, "own_case")):
        with pytest.raises(NotAllowed) as caught:
            cases.decide(what, decision, who, NOW, **wanted)
        assert caught.value.code == expected
    assert not AbuseCase.objects.filter(state="decided").exists()
    cases.decide(case, decision, sam, NOW, **wanted)
    with pytest.raises(NotAllowed) as again:
        cases.decide(case, decision, sam, NOW, **wanted)
    assert again.value.code == "case_decided"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("decision", "chat", "billing"),
    [
        (Decision.NOTHING, "", ""),
        (Decision.SLOW, "", ""),
        (Decision.CAPTCHA, "captcha_needed", ""),
        (Decision.SUSPEND, "account_suspended", "account_suspended"),
        (Decision.BAN, "account_banned", "account_banned"),
    ],
)
def test_decision_stops_what_it_says_until_it_ends(
    decision: str, chat: str, billing: str, ann: User, sam: User
) -> None:
    case = suspect(ann)
    end = NOW + 7 * DAY
    cases.decide(case, decision, sam, NOW, reason=Reason.PAYMENT_FRAUD, expires_at=end, note="Two payments bounced.")
    assert in_force(ann) == ({decision} if decision != Decision.NOTHING else set())
    assert (code(ann, Purpose.CHAT), code(ann, Purpose.BILLING)) == (chat, billing)
    assert {code(ann, other) for other in set(Purpose) - {Purpose.CHAT, Purpose.BILLING}} == {""}
    assert code(ann, Purpose.CHAT, end) == code(ann, Purpose.BILLING, end) == ""
    case.refresh_from_db()
    assert (case.state, case.open_for, case.decided_by, case.decided_at) == ("decided", None, sam.uuid, NOW)
    event = AuditEvent.objects.get(action="abuse.case_decided")
    assert (event.actor, event.subject, event.facts["decision"]) == (sam.uuid, str(ann.uuid), decision)
    assert "bounced" not in str(event.facts)


@pytest.mark.django_db
def test_refusal_says_why_until_when_and_where_to_appeal(ann: User, sam: User) -> None:
    cases.decide(suspect(ann), Decision.SUSPEND, sam, NOW, reason=Reason.AUTOMATED_USE, expires_at=NOW + DAY)
    error = refusal(ann, Purpose.CHAT)
    assert error
    assert error.status == 403
    text = str(error.message)
    assert "use of the pages by a program" in text
    assert "27 November 2026, 12:00 UTC" in text
    assert "/account/standing/" in text
    assert "ann" not in text.replace("cannot", "")


@pytest.mark.django_db
def test_ban_without_an_end_lasts_and_can_be_lifted(ann: User, sam: User) -> None:
    cases.decide(suspect(ann), Decision.BAN, sam, NOW, reason=Reason.TERMS)
    assert code(ann, Purpose.CHAT, NOW + 5_000 * DAY) == "account_banned"
    sanctions.lift(Sanction.objects.get(kind=Kind.BAN), sam, NOW + DAY)
    assert code(ann, Purpose.CHAT, NOW + DAY) == ""
    assert ann.sanctioned_until is None
    assert AuditEvent.objects.filter(action="abuse.sanction_lifted", actor=sam.uuid).count() == 1
    sanctions.lift(Sanction.objects.get(kind=Kind.BAN), sam, NOW + DAY)
    assert AuditEvent.objects.filter(action="abuse.sanction_lifted").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("decision", "fields", "expected"),
    [
        ("exile", {}, "no_such_decision"),
        (Decision.SUSPEND, {"expires_at": NOW + DAY}, "reason_missing"),
        (Decision.SUSPEND, {"reason": "terms"}, "expiry_missing"),
        (Decision.SLOW, {"reason": "terms"}, "expiry_missing"),
        (Decision.SUSPEND, {"reason": "terms", "expires_at": NOW}, "expiry_wrong"),
        (Decision.SUSPEND, {"reason": "terms", "expires_at": NOW + 366 * DAY}, "expiry_wrong"),
    ],
)
def test_half_a_decision_is_none(decision: str, fields: dict[str, Any], expected: str, ann: User, sam: User) -> None:
    case = suspect(ann)
    with pytest.raises(NotAllowed) as caught:
        cases.decide(case, decision, sam, NOW, **fields)
    assert caught.value.code == expected
    case.refresh_from_db()
    assert case.state == "open"


@pytest.mark.django_db
def test_decision_takes_the_place_of_measures_and_starts_the_score_anew(ann: User, sam: User) -> None:
    case = suspect(ann)
    assert in_force(ann) == {Kind.SLOW}
    cases.decide(case, Decision.NOTHING, sam, NOW + timedelta(hours=1))
    assert in_force(ann, NOW + timedelta(hours=1)) == set()
    notice(ann, SignalKind.PAYMENT_FRAUD, 1, NOW + timedelta(hours=2))
    assert not AbuseCase.objects.filter(state="open").exists()
    notice(ann, SignalKind.PAYMENT_FRAUD, 1, NOW + timedelta(hours=3))
    assert AbuseCase.objects.filter(state="open").count() == 1


@pytest.mark.django_db
def test_operator_opens_a_case_by_hand_once(ann: User, sam: User) -> None:
    first = cases.open_by_hand(ann, sam, NOW)
    assert cases.open_by_hand(ann, sam, NOW) == first
    assert (first.score, first.reasons) == (0, [])
    assert in_force(ann) == set()
    with pytest.raises(NotAllowed):
        cases.open_by_hand(sam, sam, NOW)
    with pytest.raises(NotAllowed):
        cases.open_by_hand(sam, ann, NOW)


# --- What an ordinary person notices of it: nothing ---


@pytest.mark.django_db
def test_ordinary_person_costs_no_query(ann: User, django_assert_num_queries: Any) -> None:
    ann.refresh_from_db()
    with django_assert_num_queries(0):
        for purpose in Purpose:
            standing.require(ann, purpose, NOW)
        assert standing.sends_per_minute(ann, 60, NOW) == 60


@pytest.mark.django_db
def test_sanction_that_has_ended_costs_no_query_either(ann: User, sam: User, django_assert_num_queries: Any) -> None:
    cases.decide(suspect(ann), Decision.SUSPEND, sam, NOW, reason=Reason.TERMS, expires_at=NOW + DAY)
    ann.refresh_from_db()
    with django_assert_num_queries(0):
        standing.require(ann, Purpose.CHAT, NOW + DAY)
    with django_assert_num_queries(1), pytest.raises(NotAllowed):
        standing.require(ann, Purpose.CHAT, NOW)


@pytest.mark.django_db
def test_slow_means_fewer_sends_and_never_more(ann: User, sam: User) -> None:
    cases.decide(suspect(ann), Decision.SLOW, sam, NOW, reason=Reason.TERMS, expires_at=NOW + DAY)
    ann.refresh_from_db()
    assert standing.sends_per_minute(ann, 60, NOW) == measures.SLOW_SENDS_PER_MINUTE
    assert standing.sends_per_minute(ann, 2, NOW) == 2
    assert standing.sends_per_minute(ann, 60, NOW + DAY) == 60


@pytest.mark.django_db
def test_check_that_was_passed_is_not_asked_again_for_half_a_day(ann: User, bob: User, sam: User) -> None:
    cases.decide(suspect(ann), Decision.CAPTCHA, sam, NOW, reason=Reason.AUTOMATED_USE, expires_at=NOW + 5 * DAY)
    assert sanctions.pass_check(bob, NOW) == 0
    assert code(ann, Purpose.CHAT) == "captcha_needed"
    assert sanctions.pass_check(ann, NOW) == 1
    assert code(ann, Purpose.CHAT) == ""
    assert code(ann, Purpose.CHAT, NOW + sanctions.PASSED_FOR) == "captcha_needed"


@pytest.mark.django_db
def test_hardest_sanction_speaks(ann: User, sam: User) -> None:
    cases.decide(suspect(ann), Decision.CAPTCHA, sam, NOW, reason=Reason.TERMS, expires_at=NOW + DAY)
    case = cases.open_by_hand(ann, sam, NOW)
    cases.decide(case, Decision.SUSPEND, sam, NOW, reason=Reason.TERMS, expires_at=NOW + 2 * DAY)
    assert code(ann, Purpose.CHAT) == "account_suspended"
    assert ann.sanctioned_until == NOW + 2 * DAY
    sanctions.lift(Sanction.objects.get(kind=Kind.SUSPEND), sam, NOW)
    assert code(ann, Purpose.CHAT) == "captcha_needed"
    assert ann.sanctioned_until == NOW + DAY


# --- Sources elsewhere in accounts ---


@pytest.mark.django_db
def test_signals_of_other_topics_are_heard(ann: User) -> None:
    signals.signup_matched.send(None, user=ann, kind="duplicate_account", evidence="cluster:7", now=timezone.now())
    signals.signup_matched.send(None, user=ann, kind="disposable_mail", evidence="signup", now=timezone.now())
    family = TokenFamily(user=ann)
    signals.family_stolen.send(TokenFamily, family=family)
    found = dict(AbuseSignal.objects.values_list("kind", "evidence"))
    assert found == {
        "duplicate_account": "cluster:7",
        "disposable_mail": "signup",
        "session_theft": f"family:{family.uuid}",
    }


# --- Letting go ---


@pytest.mark.django_db
def test_old_signals_sanctions_and_cases_go_and_what_is_in_force_stays(ann: User, bob: User, sam: User) -> None:
    cases.decide(suspect(ann), Decision.SUSPEND, sam, NOW, reason=Reason.TERMS, expires_at=NOW + DAY)
    cases.decide(suspect(bob), Decision.BAN, sam, NOW, reason=Reason.TERMS)
    upkeep.forget_old(NOW + 89 * DAY)
    assert AbuseSignal.objects.count() == 4
    upkeep.forget_old(NOW + 90 * DAY)
    assert not AbuseSignal.objects.exists()
    assert Sanction.objects.filter(user=ann).exists()
    upkeep.forget_old(NOW + 366 * DAY)
    assert not Sanction.objects.filter(user=ann).exists()
    assert not AbuseCase.objects.filter(user=ann).exists()
    assert set(Sanction.objects.values_list("user", "kind")) == {(bob.pk, "ban")}
    assert AbuseCase.objects.filter(user=bob).count() == 1
    assert not Appeal.objects.exists()


@pytest.mark.django_db
def test_upkeep_puts_the_persons_row_in_step(ann: User, bob: User, sam: User) -> None:
    cases.decide(suspect(ann), Decision.BAN, sam, NOW, reason=Reason.TERMS)
    User.objects.filter(pk=ann.pk).update(sanctioned_until=None)
    User.objects.filter(pk=bob.pk).update(sanctioned_until=NOW)
    upkeep.forget_old(NOW)
    assert code(ann, Purpose.CHAT) == "account_banned"
    bob.refresh_from_db()
    assert bob.sanctioned_until is None
