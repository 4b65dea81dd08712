"""The one way a run ends: its final text, its metering and its settlement, in one transaction, exactly once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from billing import metering, rows
from billing.metering import Metered
from caicaini.prepared import Prepared
from chat import conversations, saving
from chat.content import ContentKey
from chat.failure_policy import Ruling
from chat.models import Run
from chat.runlog import Snapshot


@dataclass(frozen=True, slots=True, repr=False)
class Outcome:
    """What came of a run."""

    ruling: Ruling
    text: str
    reasoning: str
    error_code: str
    first_token_ms: int | None
    total_ms: int
    log_position: int


def end_run(run_uuid: UUID, key: ContentKey | None, outcome: Outcome, now: datetime) -> Run | None:
    """Save and settle. A second call, here or in another process, changes nothing. None when the rows are gone already.

    Once a deletion cannot be undone, the conversation gets no more text, but its run is settled like any other. Without
    a key the text that is there stays as it is.
    """
    run = TO_END.first(run=run_uuid)
    if run is None or run.state == Run.State.ENDED:
        return run
    with transaction.atomic():
        settlement = metering.settle(
            run.uuid, _metered(run, outcome), now
        )  # the account row comes first: see turns._store
        _describe(run, outcome, settlement.amount, now)
        changed = rows.update(run, COLUMNS, state=Run.State.RUNNING)
        if changed and key and conversations.takes_text(run.conversation, now):
            saving.save_text(run.reply_id, run.reply.uuid, key, Snapshot(0, outcome.text, outcome.reasoning))
    return run if changed else Run.objects.filter(uuid=run_uuid).first()


def _metered(run: Run, outcome: Outcome) -> Metered:
    return Metered(
        tokens=outcome.ruling.tokens,
        model=run.model,
        provider=run.provider,
        first_token_ms=outcome.first_token_ms,
        total_ms=outcome.total_ms,
        usage_source=outcome.ruling.source,
        rule=outcome.ruling.rule.code,
        error_code=outcome.error_code,
    )


def _describe(run: Run, outcome: Outcome, cost: int, now: datetime) -> None:
    ruling = outcome.ruling
    run.state, run.end, run.rule = Run.State.ENDED, ruling.rule.end, ruling.rule.code
    run.error_code, run.log_position = outcome.error_code, outcome.log_position
    run.ended_at = run.heartbeat_at = now
    run.input_tokens, run.cached_tokens = ruling.tokens.input, ruling.tokens.cached
    run.cache_write_tokens, run.output_tokens = ruling.tokens.cache_write, ruling.tokens.output
    run.usage_source, run.cost = ruling.source, cost
    run.first_token_ms, run.total_ms = outcome.first_token_ms, outcome.total_ms


RUN_FIELDS = tuple(field.name for field in Run._meta.concrete_fields)
COLUMNS = tuple(
    "state end rule error_code log_position ended_at heartbeat_at input_tokens cached_tokens cache_write_tokens "
    "output_tokens usage_source cost first_token_ms total_ms".split()
)
# Only what is needed of the other rows: reading sixty columns takes longer than finding them.
TO_END = Prepared(
    Run,
    lambda found, run: (
        found.select_related("reply", "conversation")
        .only(*RUN_FIELDS, "reply__uuid", "conversation__hidden_at")
        .filter(uuid=run)
        .order_by()
    ),
    run="uuid",
)
