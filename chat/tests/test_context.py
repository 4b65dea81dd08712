"""The choice of turns: the newest that fit, whole, beginning with the person's."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import context
from chat.errors import ChatError
from chat.providers.base import Role, Turn

TURNS = st.lists(st.builds(Turn, st.sampled_from(Role), st.text(min_size=1, max_size=60)), max_size=12)
NEW = Turn(Role.USER, "And now?")


@given(TURNS, st.integers(150, 1_000))
def test_what_is_chosen_fits_and_is_a_suffix(history: list[Turn], window: int) -> None:
    chosen = context.choose(history, NEW, window=window, room_for_reply=50)
    kept = [*history, NEW][chosen.left_out :]
    assert chosen.input_tokens + 50 <= window
    assert chosen.turns == context.merge_neighbours(kept)
    assert chosen.turns[0].role is Role.USER
    assert all(left.role is not right.role for left, right in pairwise(chosen.turns))
    assert chosen.turns[-1].text.endswith(NEW.text)


@given(TURNS)
def test_nothing_is_left_out_when_all_fits(history: list[Turn]) -> None:
    chosen = context.choose(history, NEW, window=1_000_000, room_for_reply=50)
    leading = next((number for number, turn in enumerate(history) if turn.role is Role.USER), len(history))
    assert chosen.left_out == leading


def test_new_text_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ChatError) as caught:
        context.choose([], Turn(Role.USER, "x" * 5_000), window=1_000, room_for_reply=100)
    assert caught.value.code == "context_too_long"
