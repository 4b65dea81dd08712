"""Cases: one opens when a person's score is high, mild measures may go ahead of the judgement, an operator decides."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.abuse import letters, operators, sanctions, scores
from accounts.abuse.scores import Score
from accounts.abuse.weights import CASE_AT, MEASURE_FOR
from accounts.errors import NotAllowed
from accounts.models import AbuseCase, Reason, Sanction, SignalKind, User
from caicaini import audit

Decision = AbuseCase.Decision
# What each kind of suspicion leads to before anybody has looked; never more than this, and never for long.
MEASURES: dict[Reason, tuple[str, ...]] = {
    Reason.AUTOMATED_USE: (Sanction.Kind.SLOW, Sanction.Kind.CAPTCHA),
    Reason.PROMPT_ATTACKS: (Sanction.Kind.SLOW,),
    Reason.MANY_ACCOUNTS: (Sanction.Kind.CAPTCHA,),
    Reason.PAYMENT_FRAUD: (Sanction.Kind.SLOW,),
}
WITHOUT_EXPIRY = frozenset({Decision.NOTHING, Decision.BAN})
LONGEST = timedelta(days=365)


def open_if_due(user: User, now: datetime) -> AbuseCase | None:
    """Open a case when the score says so and none is open. Call it in the transaction that holds the person's row."""
    if AbuseCase.objects.filter(open_for=user.uuid).exists():
        return None
    found = scores.of(user, now)
    if found.total < CASE_AT:
        return None
    case = AbuseCase.objects.create(
        user=user,
        open_for=user.uuid,
        opened_at=now,
        score=round(found.total),
        reasons=[kind.value for kind, points in found.by_kind.items() if points >= 1],
    )
    _measure(case, found, now)
    _record("abuse.case_opened", case, None, now, score=case.score, reasons=",".join(case.reasons))
    return case


def open_by_hand(user: User, actor: User, now: datetime) -> AbuseCase:
    """Open a case that no score asks for (somebody wrote, say), or give the one that is open."""
    operators.require(actor, user)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        case = AbuseCase.objects.filter(open_for=user.uuid).first()
        if case is None:
            points = round(scores.of(user, now).total)
            case = AbuseCase.objects.create(user=user, open_for=user.uuid, opened_at=now, score=points)
            _record("abuse.case_opened", case, actor, now, score=points, reasons="")
        return case


def _measure(case: AbuseCase, found: Score, now: datetime) -> None:
    for kind in MEASURES.get(found.suspects, ()):
        sanctions.impose(case, kind, found.suspects, now, expires_at=now + MEASURE_FOR)


def decide(
    case: AbuseCase,
    decision: str,
    actor: User,
    now: datetime,
    *,
    reason: str = "",
    expires_at: datetime | None = None,
    note: str = "",
) -> None:
    """Close a case by an operator's word; it ends the measures that a program took and takes their place.

    Raises NotAllowed for whoever may not decide, for a case that is decided and for a limit without an end.
    """
    operators.require(actor, case.user)
    _check(decision, reason, expires_at, now)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=case.user_id)
        is_mine = AbuseCase.objects.filter(pk=case.pk, state=AbuseCase.State.OPEN).update(
            state=AbuseCase.State.DECIDED,
            open_for=None,
            decision=decision,
            reason=reason if decision != Decision.NOTHING else "",
            note=note,
            decided_by=actor.uuid,
            decided_at=now,
        )
        if not is_mine:
            raise NotAllowed(_("This case has been decided already."), code="case_decided", status=409)
        case.refresh_from_db()
        _end_measures(case, actor, now, is_told=decision == Decision.NOTHING)
        if decision != Decision.NOTHING:
            sanctions.impose(case, decision, Reason(reason), now, expires_at=expires_at, actor=actor)
        _record("abuse.case_decided", case, actor, now, decision=decision, reason=case.reason)


def _end_measures(case: AbuseCase, actor: User, now: datetime, *, is_told: bool) -> None:
    measures = list(case.sanctions.in_force(now).select_related("user"))
    sanctions.end(measures, actor.uuid, now)
    for measure in measures if is_told else []:
        letters.sanction_lifted(measure, now)


def _check(decision: str, reason: str, expires_at: datetime | None, now: datetime) -> None:
    if decision not in Decision.values:
        raise NotAllowed(_("There is no such decision."), code="no_such_decision", status=400)
    if decision != Decision.NOTHING and reason not in Reason.values:
        raise NotAllowed(_("Say why: the person will read it."), code="reason_missing", status=400)
    if decision not in WITHOUT_EXPIRY and expires_at is None:
        raise NotAllowed(_("Say until when. Only a ban may be without an end."), code="expiry_missing", status=400)
    if expires_at is not None and not now < expires_at <= now + LONGEST:
        raise NotAllowed(_("The end has to be in the future, within a year."), code="expiry_wrong", status=400)


def counts(case: AbuseCase) -> dict[SignalKind, int]:
    """Give how many signals of each kind there are about the person of a case."""
    kinds = [SignalKind(kind) for kind in case.user.abuse_signals.values_list("kind", flat=True)]
    return {kind: kinds.count(kind) for kind in SignalKind if kind in kinds}


def _record(action: str, case: AbuseCase, actor: User | None, now: datetime, **facts: str | int) -> None:
    audit.record(
        action,
        now=now,
        actor=actor.uuid if actor else None,
        subject_type="accounts.User",
        subject=str(case.user.uuid),
        case=case.pk,
        **facts,
    )
