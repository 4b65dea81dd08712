"""Splits a stream of bytes into server-sent events, whatever the reads were cut into."""

from __future__ import annotations

MAX_EVENT_BYTES = 1_048_576  # the vendors' events are a few hundred bytes; what grows beyond this is no event stream

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

SentEvent = tuple[str | None, bytes]


class OversizeEventError(Exception):
    """One event did not end within the limit."""


class EventSplitter:
    """Collects bytes and gives the events that they complete, as the event-stream section of the HTML standard says.

    Data stays bytes, so a character that two reads cut in half is whole again before anyone decodes it. An event
    without its closing blank line is not given: it was cut off.
    """

    def __init__(self, limit: int = MAX_EVENT_BYTES) -> None:
        self._limit = limit
        self._line: list[bytes] = []  # the pieces of the line that has not ended yet
        self._ended_with_cr = False
        self._is_first_line = True
        self._name: str | None = None
        self._data: list[bytes] = []
        self.held = 0  # bytes in the two lists, at most `limit`

    def feed(self, chunk: bytes) -> list[SentEvent]:
        """Give the events that this read completes; raises OversizeEventError."""
        if self._ended_with_cr and chunk:
            chunk = chunk.removeprefix(b"\n")  # the second half of a CRLF: its line has been taken already
            self._ended_with_cr = False
        lines = chunk.splitlines()  # of bytes: at LF, CR and CRLF only
        rest = lines.pop() if lines and not chunk.endswith((b"\n", b"\r")) else b""
        if lines:
            self._ended_with_cr = chunk.endswith(b"\r")
            lines[0] = self._first_of(lines)
        events = [event for line in lines if (event := self._take(line)) is not None]
        if rest:
            self._hold(self._line, rest)
        return events

    def _first_of(self, lines: list[bytes]) -> bytes:
        line = b"".join((*self._line, lines[0]))
        self.held -= sum(map(len, self._line))
        self._line = []
        if self._is_first_line:
            self._is_first_line = False
            line = line.removeprefix(_BYTE_ORDER_MARK)
        return line

    def _hold(self, where: list[bytes], piece: bytes) -> None:
        where.append(piece)
        self.held += len(piece)
        if self.held > self._limit:
            raise OversizeEventError

    def _take(self, line: bytes) -> SentEvent | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(b":")
        if field == b"data":
            self._hold(self._data, value.removeprefix(b" "))
        elif field == b"event":
            self._name = value.removeprefix(b" ").decode(errors="replace") or None
        return None

    def _dispatch(self) -> SentEvent | None:
        name, data = self._name, self._data
        self._name, self._data = None, []
        self.held -= sum(map(len, data))
        return (name, b"\n".join(data)) if data else None
