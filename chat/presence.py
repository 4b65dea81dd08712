"""The open sockets of this process, by person: who hears a notice, and who is sent elsewhere when the process ends."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine
from typing import Any, Protocol
from uuid import UUID

import msgspec

from caicaini import metrics

Notice = dict[str, Any]


class OpenSocket(Protocol):
    """What is asked of a socket that somebody else than its client has something for."""

    @property
    def is_following(self) -> bool:
        """Whether a reply streams over it."""
        ...

    async def hear(self, notice: Notice) -> None:
        """Pass a notice on."""
        ...

    async def miss_notices(self) -> None:
        """Ask for what notices would have told: some were lost."""
        ...

    async def send_elsewhere(self) -> None:
        """Close it so that its client opens another one."""
        ...


_open: defaultdict[UUID, dict[OpenSocket, asyncio.AbstractEventLoop]] = defaultdict(dict)
_tasks: set[asyncio.Task[None]] = set()
closed = 0  # sockets, since the process began


def enter(user: UUID, socket: OpenSocket) -> None:
    """Count a person's socket, which lives on the running loop."""
    _open[user][socket] = asyncio.get_running_loop()
    metrics.socket_opened()


def leave(user: UUID, socket: OpenSocket) -> None:
    """Forget a socket that was closed; a second time does nothing."""
    global closed  # noqa: PLW0603
    if _open.get(user, {}).pop(socket, None) is None:
        return
    metrics.socket_closed()
    closed += 1
    if not _open[user]:
        del _open[user]


def everybody() -> list[OpenSocket]:
    """Give the open ones."""
    return [socket for sockets in _open.values() for socket in sockets]


def pack(user: UUID, notice: Notice) -> bytes:
    """Write a notice for the bus."""
    return msgspec.json.encode([user, notice])


def hear(packed: bytes) -> None:
    """Pass a notice from the bus to the sockets that it is for."""
    user, notice = msgspec.json.decode(packed, type=tuple[UUID, Notice])
    tell(user, notice)


def tell(user: UUID, notice: Notice) -> None:
    """Pass a notice to a person's sockets here, from any thread; nobody waits for them."""
    for socket, loop in tuple(_open.get(user, {}).items()):
        loop.call_soon_threadsafe(_start, socket.hear, notice)


def miss() -> None:
    """Let all sockets ask for what they may have missed."""
    for socket in everybody():
        _start(socket.miss_notices)


def _start(work: Callable[..., Coroutine[Any, Any, None]], *args: Notice) -> None:
    task = asyncio.get_running_loop().create_task(work(*args))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
