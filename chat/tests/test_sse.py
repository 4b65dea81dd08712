"""The event splitter: the same events whatever the reads were cut into, and the same as the SDKs' own decoders give."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from anthropic._streaming import SSEDecoder as AnthropicDecoder
from hypothesis import example, given
from hypothesis import strategies as some
from openai._streaming import SSEDecoder as OpenAIDecoder

from chat.providers.sse import EventSplitter, OversizeEventError, SentEvent

NEWLINES = ("\n", "\r\n", "\r")
values = some.text(some.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12)
lines = some.one_of(
    some.just(""),
    some.builds("data: {}".format, values),
    some.builds("data:{}".format, values),
    some.builds("event: {}".format, values),
    some.builds(": {}".format, values),
    some.builds("id: {}".format, values),
    some.sampled_from(["data", "event", "retry: 10", "nonsense", " data: x", "dat", "data : x"]),
    values,
)
documents = some.builds(
    lambda parts: "".join(line + newline for line, newline in parts).encode(),
    some.lists(some.tuples(lines, some.sampled_from(NEWLINES)), max_size=20),
)


@some.composite
def cut_documents(draw: some.DrawFn) -> tuple[bytes, list[bytes]]:
    document = draw(some.builds(bytes.__add__, some.sampled_from([b"", b"\xef\xbb\xbf"]), documents))
    places = draw(some.lists(some.integers(0, len(document)), max_size=8).map(sorted))
    return document, [document[start:end] for start, end in pairwise([0, *places, len(document)])]


def split(*reads: bytes) -> list[SentEvent]:
    splitter = EventSplitter()
    return [event for chunk in reads for event in splitter.feed(chunk)]


def test_event_is_given_as_soon_as_its_blank_line_is_there() -> None:
    splitter = EventSplitter()
    assert splitter.feed(b"event: a\ndata: 1\n") == []
    assert splitter.feed(b"\n") == [("a", b"1")]


@pytest.mark.parametrize(
    ("document", "events"),
    [
        (b"data: 1\n\ndata: 2\n\n", [(None, b"1"), (None, b"2")]),
        (b"event: a\r\ndata: 1\r\n\r\n", [("a", b"1")]),
        (b"event: a\rdata: 1\r\r", [("a", b"1")]),
        (b"data: 1\ndata:2\ndata\ndata:  3\n\n", [(None, b"1\n2\n\n 3")]),
        (b": ping\n\ndata: 1\n: ping\n\n", [(None, b"1")]),
        (b"event: lost\n\ndata: 1\n\n", [(None, b"1")]),
        (b"\xef\xbb\xbfdata: 1\n\n", [(None, b"1")]),
        (b"data: 1\n\n\xef\xbb\xbfdata: 2\n\n", [(None, b"1")]),
        (b"data: cut off\n", []),
        (b"", []),
    ],
)
def test_standard_is_kept(document: bytes, events: list[SentEvent]) -> None:
    assert split(document) == events


def test_character_split_over_reads_is_whole() -> None:
    document = "data: 河\n\n".encode()
    assert split(document[:7], document[7:]) == [(None, "河".encode())]


@given(cut_documents())
@example((b"data: 1\r\n\r\ndata: 2\r\n\r\n", [b"data: 1\r", b"\n\r", b"\ndata: 2\r\n\r", b"", b"\n"]))
@example((b"\xef\xbb\xbfdata: 1\n\n", [b"\xef", b"\xbb", b"\xbfdata: 1\n\n"]))
def test_events_do_not_depend_on_the_cuts(cut: tuple[bytes, list[bytes]]) -> None:
    document, reads = cut
    assert split(*reads) == split(document)


@given(documents)
def test_byte_by_byte_gives_the_same(document: bytes) -> None:
    assert split(*(document[place : place + 1] for place in range(len(document)))) == split(document)


@pytest.mark.parametrize("decoder", [AnthropicDecoder, OpenAIDecoder])
@given(document=documents)
def test_sdk_decoders_agree(decoder: type[AnthropicDecoder] | type[OpenAIDecoder], document: bytes) -> None:
    document = document.removeprefix(b"\xef\xbb\xbf")  # the mark, which they take for a part of the first line
    assert split(document) == list(_by_sdk(decoder, document))


def _by_sdk(decoder: type[AnthropicDecoder] | type[OpenAIDecoder], document: bytes) -> Iterator[SentEvent]:
    lines_with_data = 0
    sdk = decoder()
    for line in document.splitlines():
        lines_with_data += line.split(b":")[0] == b"data"
        event = sdk.decode(line.decode())
        if event is None:
            continue
        if lines_with_data:  # the SDKs also give events without data, which the standard drops
            yield event.event, event.data.encode()
        lines_with_data = 0


@given(cut_documents(), some.integers(0, 30))
def test_memory_is_bounded(cut: tuple[bytes, list[bytes]], limit: int) -> None:
    splitter = EventSplitter(limit)
    for chunk in cut[1]:
        try:
            splitter.feed(chunk)
        except OversizeEventError:
            return
        assert splitter.held <= limit


@pytest.mark.parametrize("reads", [[b"data: " + b"x" * 30], [b"data: xxxxxxxx\n"] * 3, [b"data: ", b"x" * 8, b"x" * 8]])
def test_event_beyond_the_limit_is_an_error(reads: list[bytes]) -> None:
    *before, last = reads
    splitter = EventSplitter(limit=20)
    for chunk in before:
        splitter.feed(chunk)
    with pytest.raises(OversizeEventError):
        splitter.feed(last)


def test_limit_is_for_one_event_and_not_for_the_stream() -> None:
    splitter = EventSplitter(limit=20)
    assert len([event for _ in range(50) for event in splitter.feed(b": ping\ndata: 12345\n\n")]) == 50
    assert len(EventSplitter(limit=20).feed(b"data: 12345\n\n" * 50)) == 50
