"""Setting and lifting what limits a person. Call it in the transaction that holds the person's row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.abuse import letters, operators
from accounts.models import AbuseCase, Reason, Sanction, User
from caicaini import audit

WITHOUT_END = datetime(9999, 1, 1, tzinfo=UTC)
PASSED_FOR = timedelta(hours=12)


def impose(
    case: AbuseCase,
    kind: str,
    reason: Reason,
    now: datetime,
    *,
    expires_at: datetime | None,
    actor: User | None = None,
) -> Sanction:
    """Set a sanction and tell the person; raises ValueError when a program sets one that only an operator may set."""
    if actor is None and (kind not in Sanction.MILD or expires_at is None):
        raise ValueError("only an operator suspends, bans, or limits without an end")
    if actor is not None:
        operators.require(actor, case.user)
    sanction = Sanction.objects.create(
        user=case.user,
        case=case,
        kind=kind,
        reason=reason,
        set_by=actor.uuid if actor else None,
        begins_at=now,
        expires_at=expires_at,
    )
    keep_in_step(case.user, now)
    letters.sanction_set(sanction, now)
    return sanction


def lift(sanction: Sanction, actor: User, now: datetime) -> None:
    """End a sanction before its time, tell the person and put it on record; one that has ended stays as it is."""
    operators.require(actor, sanction.user)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=sanction.user_id)
        if end([sanction], actor.uuid, now):
            letters.sanction_lifted(sanction, now)
            audit.record(
                "abuse.sanction_lifted",
                now=now,
                actor=actor.uuid,
                subject_type="accounts.User",
                subject=str(sanction.user.uuid),
                sanction=str(sanction.uuid),
                kind=sanction.kind,
            )


def end(sanctions: list[Sanction], actor: UUID, now: datetime) -> int:
    """End those of one person's sanctions that are in force; gives how many, and says nothing to anybody."""
    wanted = Sanction.objects.in_force(now).filter(pk__in=[sanction.pk for sanction in sanctions])
    count = wanted.update(lifted_at=now, lifted_by=actor)
    for sanction in sanctions:
        sanction.refresh_from_db()
        keep_in_step(sanction.user, now)
    return count


def keep_in_step(user: User, now: datetime) -> None:
    """Write on the person's row until when sanctions have to be looked at; NULL when there are none."""
    ends = Sanction.objects.in_force(now).filter(user=user).values_list("expires_at", flat=True)
    user.sanctioned_until = max((end or WITHOUT_END for end in ends), default=None)
    User.objects.filter(pk=user.pk).update(sanctioned_until=user.sanctioned_until)


def pass_check(user: User, now: datetime) -> int:
    """Note that the person has shown to be one: for half a day nobody asks again. Gives how many checks that passed."""
    asked = Sanction.objects.in_force(now).filter(user=user, kind=Sanction.Kind.CAPTCHA)
    return asked.update(passed_until=now + PASSED_FOR)
