"""daphne, faster: `python -m caicaini.serve` takes the arguments of `daphne`. See docs/adr/0009.

The loop is uvloop's; daphne makes its loop when it is imported, so whoever wants another one has to say so before.
And a frame to a client goes to the socket at once, instead of by way of four layers and another turn of the loop.
"""

from __future__ import annotations

import asyncio

import uvloop

asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())

from daphne.cli import CommandLineInterface  # noqa: E402
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol  # noqa: E402

FINAL_TEXT, FINAL_BINARY = b"\x81", b"\x82"  # first bytes of a whole, uncompressed frame (RFC 6455, 5.2)


def framed(data: bytes, *, is_binary: bool) -> bytes:
    """Put a message into one unmasked frame, as servers send them."""
    size, first = len(data), FINAL_BINARY if is_binary else FINAL_TEXT
    if size < 126:
        return first + size.to_bytes(1) + data
    if size < 65_536:
        return first + b"\x7e" + size.to_bytes(2) + data
    return first + b"\x7f" + size.to_bytes(8) + data


class QuickProtocol(WebSocketProtocol):
    """Writes to the socket itself while nothing waits to be written."""

    def serverSend(self, content: str | bytes, binary: bool = False) -> None:  # noqa: N802
        """Send a message; what the socket does not take at once is Twisted's affair, as are errors."""
        if self.state != self.STATE_OPEN:
            super().serverSend(content, binary)
            return
        frame = framed(content.encode() if isinstance(content, str) else content, is_binary=binary)
        transport = self.transport
        if transport.dataBuffer or transport._tempDataBuffer or not transport.connected:
            transport.write(frame)
            return
        sent = transport.writeSomeData(frame)
        taken = sent if isinstance(sent, int) and sent > 0 else 0
        if taken < len(frame):
            transport.write(frame[taken:])


WebSocketFactory.protocol = QuickProtocol

if __name__ == "__main__":
    CommandLineInterface.entrypoint()
