"""Which turns of a conversation go to the model: the newest ones that fit its window, always whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from billing.tokens import estimate_tokens
from chat.errors import context_too_long
from chat.providers.base import Role, Turn

TURN_OVERHEAD = 12  # tokens: role markers and separators, above every vendor's count
REQUEST_OVERHEAD = 64  # tokens: what vendors add once a request


@dataclass(frozen=True, slots=True)
class Context:
    """The turns to send, how many older ones were left out, and a safe upper estimate of the input in tokens."""

    turns: tuple[Turn, ...]
    left_out: int
    input_tokens: int


def choose(history: Sequence[Turn], new: Turn, *, window: int, room_for_reply: int) -> Context:
    """Keep the newest turns that fit `window - room_for_reply` tokens; raises ChatError if the new one alone does not.

    The first turn sent is the person's: providers refuse a conversation that opens with a reply.
    """
    budget = window - room_for_reply - REQUEST_OVERHEAD
    used = cost_of(new.text)
    if used > budget:
        raise context_too_long()
    kept: list[Turn] = [new]
    for turn in reversed(history):
        used_with = used + cost_of(turn.text)
        if used_with > budget:
            break
        used = used_with
        kept.insert(0, turn)
    while kept[0].role is Role.ASSISTANT:
        used -= cost_of(kept.pop(0).text)
    merged = merge_neighbours(kept)
    return Context(merged, len(history) + 1 - len(kept), used + REQUEST_OVERHEAD)


def cost_of(text: str) -> int:
    """Estimate one turn's tokens, from above."""
    return estimate_tokens(text) + TURN_OVERHEAD


def merge_neighbours(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Join turns of the same speaker: a reply that failed before its first word leaves two of the person's in a row."""
    merged: list[Turn] = []
    for turn in turns:
        if merged and merged[-1].role is turn.role:
            merged[-1] = Turn(turn.role, f"{merged[-1].text}\n\n{turn.text}")
        else:
            merged.append(turn)
    return tuple(merged)
