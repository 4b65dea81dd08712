"""Frames: whatever comes in is either a known frame or a coded refusal."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from chat import frames
from chat.errors import BadFrame

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
SEND: dict[str, Any] = {
    "v": 1,
    "type": "send",
    "id": "1",
    "request_id": str(uuid4()),
    "conversation": None,
    "model": "demo",
    "text": "Hello",
}


def refusal_of(text: str) -> str:
    with pytest.raises(BadFrame) as caught:
        frames.parse(text)
    return caught.value.code


def test_good_frame_is_read() -> None:
    frame = frames.parse(json.dumps(SEND))
    assert isinstance(frame, frames.Send)
    assert (frame.text, frame.format) == ("Hello", "text")


@given(st.text())
def test_any_text_is_refused_with_a_code(text: str) -> None:
    assert refusal_of(text) == "bad_frame"


@given(JSON)
def test_any_json_is_refused_with_a_code(value: object) -> None:
    assert refusal_of(json.dumps(value)) in {"bad_frame", "unsupported_version"}


@given(st.sampled_from(sorted(SEND)), JSON)
def test_one_wrong_field_is_never_accepted_as_something_else(name: str, value: object) -> None:
    try:
        frame = frames.parse(json.dumps({**SEND, name: value}))
    except BadFrame:
        return
    assert isinstance(frame, frames.Send)
    assert getattr(frame, name, value) == value or name in {"request_id", "conversation", "type", "v"}


@pytest.mark.parametrize("name", sorted(set(SEND) - {"id"}))
def test_missing_field_is_refused(name: str) -> None:
    assert refusal_of(json.dumps({key: value for key, value in SEND.items() if key != name})) == "bad_frame"


def test_unknown_field_is_refused() -> None:
    assert refusal_of(json.dumps({**SEND, "user": 1})) == "bad_frame"


@pytest.mark.parametrize("version", [0, 2, -1, 10**30])
def test_other_version_says_so(version: int) -> None:
    assert refusal_of(json.dumps({**SEND, "v": version})) in {"unsupported_version", "bad_frame"}


def test_refusal_never_quotes_what_came() -> None:
    with pytest.raises(BadFrame) as caught:
        frames.parse(json.dumps({**SEND, "text": ["a secret of mine"]}))
    assert "secret" not in str(caught.value.message) + repr(caught.value)
    assert caught.value.__cause__ is None


def test_deep_nesting_is_refused() -> None:
    assert refusal_of("[" * 200_000) == "bad_frame"


def test_id_of_a_broken_frame_is_found_for_the_answer() -> None:
    assert frames.head('{"v":1,"type":"nonsense","id":"7"}').id == "7"
    assert frames.head('{"id":["7"]}').id == ""
    assert frames.head("nonsense").id == ""


@given(st.text())
def test_what_goes_out_is_json_with_version_and_type(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert json.loads(frames.encode("text", {"text": text})) == {"v": 1, "type": "text", "text": text}


def test_safe_and_lazy_texts_can_go_out() -> None:
    out = json.loads(frames.encode("html", {"html": mark_safe("<p>"), "message": gettext_lazy("New chat")}))
    assert out["html"] == "<p>"
    assert out["message"]
