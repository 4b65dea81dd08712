"""Small "something changed" notices to the open sockets of one person, over the channel layer: only ids."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer


def group_of(user: UUID) -> str:
    """Name the group that all sockets of a person join."""
    return f"user-{user}"


async def changed(user: UUID, what: str, conversation: UUID | None = None, run: UUID | None = None) -> None:
    """Say that the conversations or a run of this person changed, and with it perhaps the balance."""
    await _tell(
        user,
        {
            "type": "something.changed",
            "what": what,
            "conversation": str(conversation) if conversation else None,
            "run": str(run) if run else None,
        },
    )


async def signed_out(user: UUID, session_key: str | None = None) -> None:
    """Close the sockets of one sign-in, or of all."""
    await _tell(user, {"type": "session.ended", "session": session_mark(session_key) if session_key else None})


async def _tell(user: UUID, notice: dict[str, Any]) -> None:
    layer = get_channel_layer()
    if layer is not None:
        await layer.group_send(group_of(user), notice)


def session_mark(session_key: str) -> str:
    """Name a session without giving its key away."""
    return hashlib.sha256(b"socket of " + session_key.encode()).hexdigest()[:32]


# Views and signal receivers are synchronous; under ASGI these run on the loop that serves, where the sockets live.
changed_now = async_to_sync(changed)
signed_out_now = async_to_sync(signed_out)
