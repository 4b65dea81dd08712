"""Counting and estimating tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.tokens import Tokens, estimate_tokens


def test_the_prompt_is_all_that_the_model_read() -> None:
    assert Tokens(input=5, cached=7, cache_write=11, output=13).prompt == 23


@pytest.mark.parametrize("part", ["input", "cached", "cache_write", "output"])
def test_a_negative_count_is_refused(part: str) -> None:
    with pytest.raises(ValueError, match="negative"):
        Tokens(**{part: -1})


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("a", 1), ("ab", 1), ("abc", 2), ("汉字", 3), ("🦊", 2), ("\ud800", 2)],
    ids=["empty", "one", "two", "three", "chinese", "emoji", "half of a pair"],
)
def test_an_estimate_is_half_of_the_bytes_rounded_up(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


@given(st.text(), st.text())
def test_estimating_parts_never_gives_less_than_the_whole(first: str, second: str) -> None:
    assert estimate_tokens(first + second) <= estimate_tokens(first) + estimate_tokens(second)
