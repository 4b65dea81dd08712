"""The open sockets of this process, for what concerns them all: it is about to end."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol
from weakref import WeakSet

from caicaini import metrics


class OpenSocket(Protocol):
    """What is asked of a socket when the process ends."""

    @property
    def is_following(self) -> bool:
        """Whether a reply streams over it."""
        ...

    def send_elsewhere(self) -> Awaitable[None]:
        """Close it so that its client opens another one."""
        ...


_open: WeakSet[OpenSocket] = WeakSet()


def enter(socket: OpenSocket) -> None:
    """Count a socket that was opened."""
    if socket not in _open:
        metrics.socket_opened()
    _open.add(socket)


def leave(socket: OpenSocket) -> None:
    """Forget one that was closed."""
    if socket in _open:
        metrics.socket_closed()
    _open.discard(socket)


def everybody() -> list[OpenSocket]:
    """Give the open ones."""
    return list(_open)
