"""Chunks: the same as a list, and out of the garbage collector's sight."""

from __future__ import annotations

import gc
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from chat.chunks import Chunks
from chat.runlog import CHUNK, Channel, Piece, RunLog


@given(st.integers(1, 5), st.integers(1, 40), st.integers(0, 7), st.data())
def test_chunks_read_like_a_list(size: int, count: int, drops: int, data: st.DataObject) -> None:
    chunks = Chunks[int, tuple[int, ...]](size, tuple, lambda packed, offset: iter(packed[offset:]))
    plain = list(range(count))
    for number in plain:
        chunks.append(number)
    for _ in range(min(drops, (count - 1) // size)):
        del plain[: chunks.drop_first()]
    place = data.draw(st.integers(0, len(plain)))
    assert len(chunks) == len(plain)
    assert list(chunks.start_at(place)) == plain[place:]
    assert chunks.last() == plain[-1]


@given(st.lists(st.tuples(st.sampled_from(Channel), st.text(max_size=3)), min_size=1, max_size=200), st.data())
def test_packed_pieces_come_back_as_they_were(pieces: list[tuple[Channel, str]], data: st.DataObject) -> None:
    log = RunLog()
    for channel, text in pieces:
        log.append(channel, text)
    after = data.draw(st.integers(0, len(pieces)))
    assert log.entries_after(after) == [Piece(number + 1, *piece) for number, piece in enumerate(pieces)][after:]


def test_collector_does_not_look_at_what_a_log_packed() -> None:
    log = RunLog()
    for number in range(2_000):
        log.append(Channel.TEXT, f"{number} ")
    packed = gc.get_referents(log._entries._packed)
    assert len(packed) == (2_000 - 1) // CHUNK
    assert not any(gc.is_tracked(part) for each in packed for part in (each, *gc.get_referents(each)))


def test_a_log_of_small_pieces_takes_little_more_than_its_text() -> None:
    logs = [RunLog() for _ in range(20)]
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(64 * CHUNK):
            for log in logs:
                log.append(Channel.TEXT, f"{number:011d} ")
                if number % CHUNK == 0:
                    log.snapshot()  # as it is saved: the whole text becomes one
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown / (20 * 64 * CHUNK * 12) < 4
