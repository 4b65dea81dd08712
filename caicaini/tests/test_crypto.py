"""Sealed values open with their key at their place, and with nothing else."""

from __future__ import annotations

import tracemalloc
import zlib
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caicaini import crypto
from caicaini.crypto import UnreadableError

KEY = crypto.new_key()
CONVERSATION, ROW = uuid4(), uuid4()
PLACE = crypto.place(CONVERSATION, ROW, "body")
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()))  # lone surrogates included: browsers send them


@given(ANY_TEXT)
def test_any_text_comes_back(text: str) -> None:
    assert crypto.unseal_text(KEY, crypto.seal_text(KEY, text, PLACE), PLACE) == text


@given(st.binary())
def test_any_bytes_come_back(data: bytes) -> None:
    assert crypto.unseal(KEY, crypto.seal(KEY, data, PLACE), PLACE) == data


def test_a_megabyte_comes_back_and_is_stored_small() -> None:
    text = "Seine, Loire, Rhône. " * 50_000
    sealed = crypto.seal_text(KEY, text, PLACE)
    assert crypto.unseal_text(KEY, sealed, PLACE) == text
    assert len(sealed) < len(text) // 100


@given(ANY_TEXT)
def test_the_same_text_never_gives_the_same_ciphertext(text: str) -> None:
    assert crypto.seal_text(KEY, text, PLACE) != crypto.seal_text(KEY, text, PLACE)


@pytest.mark.parametrize(
    ("key", "where"),
    [
        (crypto.new_key(), PLACE),
        (KEY[:16], PLACE),
        (b"", PLACE),
        (KEY, crypto.place(CONVERSATION, uuid4(), "body")),
        (KEY, crypto.place(uuid4(), ROW, "body")),
        (KEY, crypto.place(ROW, CONVERSATION, "body")),
        (KEY, crypto.place(CONVERSATION, ROW, "title")),
        (KEY, crypto.place(CONVERSATION, ROW, "")),
    ],
    ids=["key", "short key", "no key", "row", "conversation", "swapped", "field", "no field"],
)
def test_another_key_or_place_opens_nothing(key: bytes, where: bytes) -> None:
    sealed = crypto.seal_text(KEY, "rivers", PLACE)
    with pytest.raises(UnreadableError):
        crypto.unseal_text(key, sealed, where)


@given(st.data())
def test_no_flipped_bit_goes_unnoticed(data: st.DataObject) -> None:
    sealed = bytearray(crypto.seal_text(KEY, "rivers", PLACE))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(UnreadableError):
        crypto.unseal_text(KEY, bytes(sealed), PLACE)


@pytest.mark.parametrize("seal", [lambda: crypto.seal_text(KEY, "rivers", PLACE), lambda: crypto.seal(KEY, b"", PLACE)])
def test_no_lost_byte_goes_unnoticed(seal: object) -> None:
    sealed = seal()  # type: ignore[operator]
    for length in range(len(sealed)):
        with pytest.raises(UnreadableError):
            crypto.unseal(KEY, sealed[:length], PLACE)


@given(st.binary(max_size=100))
def test_garbage_is_unreadable_and_nothing_worse(garbage: bytes) -> None:
    with pytest.raises(UnreadableError):
        crypto.unseal_text(KEY, garbage, PLACE)


def test_the_words_stand_neither_in_the_ciphertext_nor_in_the_error() -> None:
    sealed = crypto.seal(KEY, b"\xff secret rivers", PLACE)
    assert b"rivers" not in sealed
    with pytest.raises(UnreadableError) as caught:
        crypto.unseal_text(KEY, sealed, PLACE)  # decrypts well, and is no text
    assert caught.value.args == ()
    assert caught.value.__suppress_context__


def test_a_zip_bomb_is_refused_without_filling_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crypto, "LARGEST_TEXT", 1_000_000)
    bomb = _deflated(zlib.compress(bytes(30_000_000), 1))
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableError):
            crypto.unseal(KEY, bomb, PLACE)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_whatever_can_be_sealed_can_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crypto, "LARGEST_TEXT", 1_000)
    assert crypto.unseal_text(KEY, crypto.seal_text(KEY, "é" * 500, PLACE), PLACE) == "é" * 500
    with pytest.raises(ValueError, match="too large"):
        crypto.seal_text(KEY, "é" * 501, PLACE)


@pytest.mark.parametrize("damaged", [b"no deflate stream", zlib.compress(b"rivers")[:-1]])
def test_what_does_not_inflate_is_unreadable(damaged: bytes) -> None:
    with pytest.raises(UnreadableError):
        crypto.unseal(KEY, _deflated(damaged), PLACE)


def _deflated(data: bytes) -> bytes:
    """Seal bytes that claim to be a compressed text, as somebody with the key could."""
    return crypto.DEFLATED + crypto._encrypt(KEY, data, crypto.DEFLATED + PLACE)
