"""Entries outside the process: sealed, bound to their place, and adding up to the log whatever arrives twice."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caicaini import crypto
from chat.content import ContentKey
from chat.replay import entries
from chat.runlog import Channel, RunLog

RUN = uuid4()
KEY = ContentKey(uuid4(), crypto.new_key())
PIECES = st.lists(st.tuples(st.sampled_from(Channel), st.text(st.characters(codec="utf-8"), max_size=5)), max_size=40)


def filled(pieces: list[tuple[Channel, str]], most: int = 4_096) -> RunLog:
    log = RunLog(most)
    for channel, text in pieces:
        log.append(channel, text)
    return log


@given(PIECES, st.integers(1, 6), st.data())
def test_overlapping_entries_add_up_to_the_log(
    pieces: list[tuple[Channel, str]], most: int, data: st.DataObject
) -> None:
    original, copy = filled(pieces, most), RunLog()
    sent = 0
    while sent < original.seq:
        seq, sealed = entries.seal(KEY, RUN, original.entries_after(sent))
        assert entries.take(copy, KEY, RUN, seq, sealed)
        assert entries.take(copy, KEY, RUN, seq, sealed), "a repetition does no harm"
        sent = data.draw(st.integers(sent, seq)) or seq
        sent = max(sent, seq) if data.draw(st.booleans()) else seq
    assert copy.snapshot() == original.snapshot()


def test_an_entry_that_would_leave_a_gap_is_not_taken() -> None:
    original = filled([(Channel.TEXT, letter) for letter in "abcdef"])
    seq, sealed = entries.seal(KEY, RUN, original.entries_after(3))
    copy = filled([(Channel.TEXT, "a")])
    assert not entries.take(copy, KEY, RUN, seq, sealed)
    assert copy.whole(Channel.TEXT) == "a"


def test_after_the_store_was_lost_one_entry_brings_everything() -> None:
    original = filled([(Channel.TEXT, letter) for letter in "abcdef"], most=2)
    seq, sealed = entries.seal(KEY, RUN, original.entries_after(0))
    copy = filled([(Channel.TEXT, "a"), (Channel.TEXT, "b")])
    assert entries.take(copy, KEY, RUN, seq, sealed)
    assert copy.snapshot() == original.snapshot()


@pytest.mark.parametrize("other", ["run", "number", "key"])
def test_an_entry_opens_in_its_own_place_only(other: str) -> None:
    seq, sealed = entries.seal(KEY, RUN, filled([(Channel.TEXT, "secret")]).entries_after(0))
    assert b"secret" not in sealed
    key = ContentKey(KEY.conversation, crypto.new_key()) if other == "key" else KEY
    run = uuid4() if other == "run" else RUN
    with pytest.raises(crypto.UnreadableError):
        entries.take(RunLog(), key, run, seq + (other == "number"), sealed)
