"""What the websocket's frames do, apart from the socket: a person and a frame in, the answer out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from billing.accounts import balance
from billing.credits import format_credits
from caicaini import pool
from chat import draining, following, history, notices, presenting, runs, stopping, turns, watching
from chat.errors import NotFound, run_not_found
from chat.following import Found
from chat.frames import LARGEST_FRAME, Quote, Send
from chat.models import Run
from chat.runs import LiveRun
from chat.turns import Draft, Sent
from chat.windows import UNACKNOWLEDGED

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class Accepted:
    """The answer to a send, and the run to follow."""

    fields: Fields
    found: Found


async def send(user: User, frame: Send, *, is_program: bool = False) -> Accepted:
    """Store a turn and start its reply; raises CaicainiError. `is_program`: it came with an official token."""
    draining.refuse_if_draining()
    client = Run.Client.TOKEN if is_program else Run.Client.PAGE if frame.format == "html" else Run.Client.OTHER
    draft = Draft(frame.request_id, frame.conversation, frame.model, frame.text, client)
    sent, accepted = await pool.run(_store, user, draft, frame.format == "html")
    if sent.order:
        runs.start(sent.order, partial(_end, user, draft.text))
    if accepted is None:  # deleted a moment ago, too early for that to reach the run
        runs.stop(sent.run.uuid)
        raise run_not_found()
    await notices.changed(user.uuid, "run", sent.conversation.uuid, sent.run.uuid)
    return accepted


def _store(user: User, draft: Draft, is_html: bool) -> tuple[Sent, Accepted | None]:
    """Store the turn and describe it, in one hop to a thread; no description if it was deleted in between."""
    sent = turns.sent_now(user, draft)
    try:
        return sent, Accepted(*_describe(user, sent, is_html))
    except NotFound:
        return sent, None


def _describe(user: User, sent: Sent, is_html: bool) -> tuple[Fields, Found]:
    found = following.begun(user, sent) if sent.order else following.find(user, sent.run.uuid)
    fields: Fields = {
        "request_id": str(sent.run.request_id),
        "conversation": str(sent.conversation.uuid),
        "is_new": sent.is_new_conversation,
        "message": str(sent.message.uuid),
        "reply": str(sent.reply.uuid),
        "run": str(sent.run.uuid),
        "held": sent.run.held,
        "left_out": sent.run.left_out,
    }
    if is_html:
        question = history.open_line(sent.message, None, found.key)
        fields["html"] = presenting.pair_html(question, found.line)
    return fields, found


async def _end(user: User, text: str, live: LiveRun, record: Run | None) -> None:
    await _tell_of_end(live, record)
    await watching.look(user, live.uuid, text)  # only now: looking takes no time from the reply


async def _tell_of_end(live: LiveRun, record: Run | None) -> None:
    await notices.changed(live.user, "balance", None, live.uuid)


async def quote(user: User, frame: Quote) -> Fields:
    """Say the most that a send could cost; raises CaicainiError."""
    found = await pool.run(turns.quote, user, frame.conversation, frame.model, frame.characters, timezone.now())
    return {
        "most": found.most,
        "text": format_credits(found.most),
        "affordable": found.is_affordable,
        "shortened": found.is_shortened,
        "left_out": found.left_out,
    }


async def stop(user: User, run: UUID) -> Fields:
    """Stop a reply; raises NotFound. Stopping one that has ended is no error."""
    await pool.run(following.find, user, run)
    await stopping.stop(run)
    return {"run": str(run)}


async def balance_fields(user: User) -> Fields:
    """Give the balance for a frame."""
    now = await pool.run(balance, user)
    return {
        "available": now.available,
        "held": now.held,
        "text": format_credits(now.available),
        "held_text": format_credits(now.held),
    }


LIMITS = {
    "text_characters": turns.LONGEST_TEXT,
    "frame_bytes": LARGEST_FRAME,
    "unacknowledged_bytes": UNACKNOWLEDGED,
}
