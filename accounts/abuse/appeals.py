"""Objecting to a sanction, and the answer: both sealed, so that they are read on their pages and nowhere else."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.abuse import letters, operators, sanctions
from accounts.errors import NotAllowed
from accounts.models import Appeal, Sanction, User
from caicaini import audit, crypto, vault

TEXT, ANSWER = "text", "answer"
LONGEST_TEXT = 4_000  # characters
MOST = 3  # appeals against one sanction


@dataclass(frozen=True, slots=True, repr=False)
class OpenedAppeal:
    """An appeal with its words in clear, for one page; has no repr, so that they reach no traceback."""

    row: Appeal
    text: str
    answer: str


def make(sanction: Sanction, user: User, text: str, now: datetime) -> Appeal:
    """Store an appeal of the person whom a sanction limits; raises NotAllowed when one waits, or there were enough."""
    if sanction.user_id != user.pk:
        raise NotAllowed(_("This is not about you."), code="not_yours", status=404)
    if sanction.appeals.count() >= MOST:
        raise NotAllowed(_("You have appealed as often as one can."), code="appeals_used_up", status=409)
    identity = uuid.uuid4()
    key = vault.create(identity, now)
    try:
        with transaction.atomic():
            return Appeal.objects.create(
                uuid=identity,
                sanction=sanction,
                open_for=sanction.uuid,
                text=_seal(key, identity, TEXT, text[:LONGEST_TEXT]),
                made_at=now,
            )
    except IntegrityError:
        vault.destroy([identity])
        raise NotAllowed(_("Your appeal is waiting for an answer already."), code="appeal_waits", status=409) from None


def answer(appeal: Appeal, actor: User, text: str, now: datetime, *, is_granted: bool) -> None:
    """Answer an appeal, lift the sanction if it is granted, tell the person; raises NotAllowed when it is answered."""
    person = appeal.sanction.user
    operators.require(actor, person)
    sealed = _seal(vault.read(appeal.uuid), appeal.uuid, ANSWER, text[:LONGEST_TEXT])
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)
        state = Appeal.State.GRANTED if is_granted else Appeal.State.REFUSED
        is_mine = Appeal.objects.filter(pk=appeal.pk, state=Appeal.State.OPEN).update(
            state=state, answer=sealed, answered_at=now, answered_by=actor.uuid, open_for=None
        )
        if not is_mine:
            raise NotAllowed(_("This appeal has been answered already."), code="appeal_answered", status=409)
        if is_granted:
            sanctions.end([appeal.sanction], actor.uuid, now)
        letters.appeal_answered(appeal.sanction, now)
        _record("abuse.appeal_answered", appeal, actor, now, state=state.value)
    appeal.refresh_from_db()


def read(appeals: Iterable[Appeal]) -> list[OpenedAppeal]:
    """Open appeals for their owner's page, with one query to the vault."""
    rows = list(appeals)
    keys = vault.read_many(appeal.uuid for appeal in rows)
    return [_opened(appeal, keys[appeal.uuid]) for appeal in rows]


def read_for_operator(appeal: Appeal, actor: User, now: datetime) -> OpenedAppeal:
    """Open one appeal for an operator, which the person can see in the record of who looked."""
    operators.require(actor, appeal.sanction.user)
    opened = _opened(appeal, vault.read(appeal.uuid))
    _record("abuse.appeal_read", appeal, actor, now)
    return opened


def _opened(appeal: Appeal, key: bytes) -> OpenedAppeal:
    answer = _unseal(key, appeal.uuid, ANSWER, bytes(appeal.answer)) if appeal.answer else ""
    return OpenedAppeal(appeal, _unseal(key, appeal.uuid, TEXT, bytes(appeal.text)), answer)


def _seal(key: bytes, appeal: uuid.UUID, field: str, text: str) -> bytes:
    return crypto.seal_text(key, text, crypto.place(appeal, appeal, field))


def _unseal(key: bytes, appeal: uuid.UUID, field: str, sealed: bytes) -> str:
    return crypto.unseal_text(key, sealed, crypto.place(appeal, appeal, field))


def _record(action: str, appeal: Appeal, actor: User, now: datetime, **facts: str) -> None:
    audit.record(
        action,
        now=now,
        actor=actor.uuid,
        subject_type="accounts.User",
        subject=str(appeal.sanction.user.uuid),
        appeal=str(appeal.uuid),
        **facts,
    )
