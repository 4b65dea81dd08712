"""Small "something changed" notices to the open sockets of one person, here and in other processes: only ids.

They tell that something changed, not what: a lost one costs a moment, because whoever missed some asks again.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chat import presence, runs
from chat.presence import Notice
from chat.replay import streams


async def changed(user: UUID, what: str, conversation: UUID | None = None, run: UUID | None = None) -> None:
    """Say that the conversations or a run of this person changed, and with it perhaps the balance."""
    await _tell(user, _change(what, conversation, run))


def changed_now(user: UUID, what: str, conversation: UUID | None = None, run: UUID | None = None) -> None:
    """Do the same from a view, a signal receiver or a task."""
    _tell_now(user, _change(what, conversation, run))


def signed_out_now(user: UUID, family: UUID | None = None) -> None:
    """Close the sockets of one sign-in, or of all, from a view or a signal receiver."""
    _tell_now(user, {"kind": "signed_out", "family": str(family) if family else None})


def _change(what: str, conversation: UUID | None, run: UUID | None) -> dict[str, Any]:
    return {
        "kind": "changed",
        "what": what,
        "conversation": str(conversation) if conversation else None,
        "run": str(run) if run else None,
    }


async def _tell(user: UUID, notice: Notice) -> None:
    presence.tell(user, notice)
    if hub := runs.connect():
        hub.publisher.post(hub.subscriber.signed(streams.NOTICE, presence.pack(user, notice)))


def _tell_now(user: UUID, notice: Notice) -> None:
    if streams.is_used():  # without a sender, so that it comes back to this process too
        streams.post({streams.NOTICE: presence.pack(user, notice)})
    else:
        presence.tell(user, notice)
