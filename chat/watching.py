"""Looks at what was sent for attempts to override a model's instructions, once its reply has ended.

Advisory: nothing is refused because of it. The text is judged in memory; what is kept is a run's uuid and
the heaviest rule's id.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from django.utils import timezone

from accounts import abuse, injection, standing
from accounts.models import User
from caicaini import pool
from caicaini.personal_data import Purpose

log = structlog.get_logger(__name__)


async def look(user: User, run: UUID, text: str) -> None:
    """Judge a message on a thread of the pool; whatever goes wrong there ends there."""
    try:
        await pool.run(_look, user, run, text, timezone.now())
    except Exception:
        log.exception("watching.failed", run=str(run))


def _look(user: User, run: UUID, text: str, now: datetime) -> None:
    if not standing.may(user, Purpose.ABUSE, now):
        return
    verdict = injection.judge(text)
    if verdict.is_suspicious:
        abuse.signal(user, abuse.SignalKind.PROMPT_INJECTION, now, f"run:{run} {verdict.reasons[0]}")
