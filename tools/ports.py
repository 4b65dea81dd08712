"""Ports of the loopback address: the one that was asked for, or any free one."""

from __future__ import annotations

import random
import socket
from contextlib import suppress

from tools.refusal import Refusal

HOST = "127.0.0.1"
SERVERS, TRIES = range(20_000, 32_000), 100


def must_be_free(value: str) -> int:
    """Give the port as a number when the site can be served there."""
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 65536):
        raise Refusal("PORT must be a number between 1 and 65535.")
    port = int(value)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: old connections do not count
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise Refusal(f"Port {port} may only be used by root. Choose another: make run PORT=8001") from None
        except OSError:
            raise Refusal(f"Port {port} on {HOST} is in use. Stop what runs there, or: make run PORT=8001") from None
    return port


def any_free() -> int:
    """Give a port that was free a moment ago, below those that the system gives to outgoing connections.

    One of those may be taken by a connection before the server for which it was meant has started.
    """
    for port in random.SystemRandom().sample(SERVERS, TRIES):
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise Refusal(f"{TRIES} ports of {HOST} that were tried are all in use.")


def answers(port: int) -> bool:
    """Say whether something accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0
