"""An entry of a run's log outside the memory of its process, sealed with the conversation's key and bound to its place.

An entry covers the pieces from `first` to the number in its id or, after the store was lost, everything so far.
Entries may overlap, because a writer that got no answer writes again; a reader takes what it does not have.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from caicaini import crypto
from chat.content import ContentKey
from chat.runlog import Channel, Piece, RunLog, Snapshot

CHANNELS = tuple(Channel)


class Entry(msgspec.Struct, array_like=True):
    """What is sealed. `pieces` are (index of the channel, text)."""

    first: int
    pieces: list[tuple[int, str]] = []
    text: str = ""
    reasoning: str = ""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Entry).decode


def seal(key: ContentKey, run: UUID, content: list[Piece] | Snapshot) -> tuple[int, bytes]:
    """Give the number of the last piece that the entry covers, and the entry."""
    if isinstance(content, Snapshot):
        seq, entry = content.seq, Entry(0, [], content.text, content.reasoning)
    else:
        seq = content[-1].seq
        pieces = [(CHANNELS.index(piece.channel), piece.text) for piece in content]
        entry = Entry(content[0].seq, pieces)
    return seq, crypto.seal(key.secret, _encode(entry), _place(key, run, seq))


def take(log: RunLog, key: ContentKey, run: UUID, seq: int, sealed: bytes) -> bool:
    """Add to a log what it lacks of one entry; gives False for an entry that would leave a gap.

    Raises crypto.UnreadableError.
    """
    entry = _decode(crypto.unseal(key.secret, sealed, _place(key, run, seq)))
    if seq <= log.seq:
        return True
    if entry.first == 0:
        log.restore(Snapshot(seq, entry.text, entry.reasoning))
        return True
    if entry.first > log.seq + 1:
        return False
    for channel, text in entry.pieces[log.seq + 1 - entry.first :]:
        log.append(CHANNELS[channel], text)
    return True


def _place(key: ContentKey, run: UUID, seq: int) -> bytes:
    return crypto.place(key.conversation, run, f"log:{seq}")
