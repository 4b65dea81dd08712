"""Chunks: the same as a list, and out of the garbage collector's sight."""

from __future__ import annotations

import gc

from hypothesis import given
from hypothesis import strategies as st

from chat.chunks import Chunks
from chat.runlog import Channel, RunLog


@given(st.integers(1, 5), st.integers(1, 40), st.integers(0, 7), st.data())
def test_chunks_read_like_a_list(size: int, count: int, drops: int, data: st.DataObject) -> None:
    chunks, plain = Chunks[int](size), list(range(count))
    for number in plain:
        chunks.append(number)
    for _ in range(min(drops, (count - 1) // size)):
        del plain[: chunks.drop_first()]
    place = data.draw(st.integers(0, len(plain)))
    assert len(chunks) == len(plain)
    assert list(chunks.start_at(place)) == plain[place:]
    assert chunks.last() == plain[-1]


def test_collector_does_not_look_at_what_a_log_holds() -> None:
    log = RunLog()
    for number in range(2_000):
        log.append(Channel.TEXT, f"{number} ")
    gc.collect()
    looked_at = {type(item).__name__ for item in gc.get_objects() if type(item).__name__ in ("Piece", "Snapshot")}
    pieces = sum(len(found) for found in gc.get_referents(log._entries._full) if gc.is_tracked(found))
    assert not looked_at
    assert pieces == 0
    assert len(gc.get_referents(log._entries._full)) == 7
