"""The bare relay's reading of the upstream's bytes, cut anywhere; the product's own splitter agrees on both formats."""

from __future__ import annotations

import itertools
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.clock import DIGITS, SMALLEST, ages, stamp
from bench.dialects import ANTHROPIC, LAST_CHUNK, OPENAI, PROSE, Dialect, dialect_of
from bench.splitting import Deltas
from chat.providers.sse import EventSplitter

WORDS = ["Seine ", "Nile ", "Mekong "]


def answer(dialect: Dialect, words: list[str]) -> bytes:
    tokens = b"".join(word.encode().join(dialect.halves(len(word))) for word in words)
    return dialect.start + tokens + dialect.end + LAST_CHUNK


def unchunked(data: bytes) -> bytes:
    """Take HTTP's chunks off, trusting nothing but their sizes."""
    body = b""
    while data:
        size, _, rest = data.partition(b"\r\n")
        length = int(size, 16)
        assert rest[length : length + 2] == b"\r\n"
        body, data = body + rest[:length], rest[length + 2 :]
    return body


@given(st.lists(st.integers(0, len(answer(ANTHROPIC, WORDS)))))
def test_texts_come_out_whole_wherever_reads_cut(cuts: list[int]) -> None:
    data = answer(ANTHROPIC, WORDS)
    places = [0, *sorted(cuts), len(data)]
    deltas = Deltas()
    texts = [text for start, end in itertools.pairwise(places) for text in deltas.feed(data[start:end])]
    assert texts == WORDS
    assert deltas.is_over


@pytest.mark.parametrize("dialect", [ANTHROPIC, OPENAI])
def test_chunks_are_as_long_as_they_say(dialect: Dialect) -> None:
    events = EventSplitter().feed(unchunked(answer(dialect, WORDS)))
    said = b"".join(data for _name, data in events).decode()
    assert [word for word in WORDS if word in said] == WORDS


@pytest.mark.parametrize("dialect", [ANTHROPIC, OPENAI])
def test_prose_comes_back_as_it_was_cut(dialect: Dialect) -> None:
    events = EventSplitter().feed(unchunked(b"".join(dialect.prose())))
    pieces = [_text_of(data) for _name, data in events]
    assert "".join(pieces) == PROSE


def _text_of(data: bytes) -> str:
    frame = msgspec.json.decode(data)
    return str(frame["delta"]["text"] if "delta" in frame else frame["choices"][0]["delta"]["content"])


def test_addresses_name_the_dialect() -> None:
    assert dialect_of(b"/v1/messages") is ANTHROPIC
    assert dialect_of(b"/v1/chat/completions") is OPENAI


@pytest.mark.parametrize("size", [SMALLEST, 40])
def test_a_stamp_has_its_size_and_its_age(size: int) -> None:
    token = stamp(size).decode()
    assert len(token) == size
    assert re.fullmatch(rf"\d{{{DIGITS}}}x* ", token)
    assert ages(token * 3, size, int(token[:DIGITS]) + 250) == [250, 250, 250]
