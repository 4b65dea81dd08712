"""Times what a page needs from the databases: the list of conversations at any depth, and a long history, decrypted."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC
from functools import partial

from bench import furniture
from bench.figures import median
from chat import conversations, history
from chat.conversations import MARK
from chat.models import Conversation

REPEATS = 30


def page(depth: int) -> dict[str, float]:
    """Give the milliseconds of a page of 50 at the top, in the middle and at the end of so many conversations."""
    user = furniture.owner(0)
    furniture.conversations(user, depth)
    rows = Conversation.objects.visible_to(user).order_by("-active_at", "-id").only("id", "active_at")
    marks = {"top": "", "middle": _mark(rows[depth // 2]), "end": _mark(rows[depth - conversations.PAGE])}
    return {name: _median_ms(partial(conversations.page, user, mark)) for name, mark in marks.items()}


def _mark(row: Conversation) -> str:
    return f"{row.active_at.astimezone(UTC):{MARK}}~{row.pk}"


def long_history(count: int) -> float:
    """Give the milliseconds of reading a conversation of so many messages, its key included."""
    row, key = furniture.conversation(furniture.owner(1))
    furniture.runs(row, furniture.messages(row, key, count))
    return _median_ms(lambda: history.lines(row, conversations.key_of(row)))


def _median_ms(work: Callable[[], object]) -> float:
    work()
    samples = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        samples.append((time.perf_counter() - began) * 1_000)
    return median(samples)
