"""The goals G1 to G12 and what the measured numbers say to them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

TOKENS_OF_A_MESSAGE = 2  # in G7

Numbers = Mapping[str, float]

# The landscape was measured on one machine (40 streams at 40 tokens/s). Relays that are not measured here are placed by
# how they stood there to one that is: LiteLLM's processor time to the bare relay's, the rest to the naive consumer's.
LITELLM_CPU = 23.0  # x bare
NAIVE_CPU_US = 463.0
NAIVE_STREAMS, LITELLM_STREAMS, OPEN_WEBUI_STREAMS = 64.0, 17.0, 41.0
NAIVE_FLOOD, LITELLM_FLOOD = 6_600.0, 1_275.0


@dataclass(frozen=True, slots=True)
class Goal:
    """One line. `goal` and `must` are the most allowed, or with `is_least` the least; None where nothing is asked.

    `scales`: processor time decides it, so a machine slower than the landscape's gets as much more of it.
    """

    code: str
    what: str
    unit: str
    measure: Callable[[Numbers], float]
    goal: float | None
    must: float | None
    is_least: bool = False
    scales: bool = False
    is_asserted: bool = True


def number(name: str) -> Callable[[Numbers], float]:
    return lambda numbers: numbers[name]


def ratio(over: str, under: str, factor: float = 1.0) -> Callable[[Numbers], float]:
    """Give `over` in units of `factor` x `under`."""
    return lambda numbers: numbers[over] / (factor * numbers[under])


def _extra_of_html(numbers: Numbers) -> float:
    return (numbers["html.cpu_us"] - numbers["prose.cpu_us"]) / numbers["bare.cpu_us"]


def _message_ms(numbers: Numbers) -> float:
    return (numbers["product.message_us"] - TOKENS_OF_A_MESSAGE * numbers["product.cpu_us"]) / 1_000


CPU, STREAMS, FLOOD = "product.cpu_us", "product.streams", "product.flood"
GOALS = (
    Goal("G1", "CPU per relayed token", "x bare", ratio(CPU, "bare.cpu_us"), 4.5, 6),
    Goal("G1", "CPU per relayed token", "x naive", ratio(CPU, "naive.cpu_us"), None, 0.5),
    Goal("G1", "CPU per relayed token", "x LiteLLM (23 x bare)", ratio(CPU, "bare.cpu_us", LITELLM_CPU), None, 0.3),
    Goal("G2", "first token over asking directly, p50", "ms", number("product.first_p50_ms"), 8, 12, scales=True),
    Goal("G2", "first token over asking directly, p95", "ms", number("product.first_p95_ms"), 15, 25, scales=True),
    Goal("G3", "added latency per token, p50", "ms", number("product.p50_ms"), 3, 5, scales=True),
    Goal("G3", "added latency per token, p99", "ms", number("product.p99_ms"), 10, 20, scales=True),
    Goal("G4", "40-token/s streams at p99 <= 100 ms", "", number(STREAMS), 200, 150, is_least=True, scales=True),
    Goal(
        "G4",
        "the same",
        "x LiteLLM (0.27 x naive)",
        ratio(STREAMS, "naive.streams", LITELLM_STREAMS / NAIVE_STREAMS),
        None,
        7,
        is_least=True,
    ),
    Goal(
        "G4",
        "the same",
        "x Open WebUI (0.64 x naive)",
        ratio(STREAMS, "naive.streams", OPEN_WEBUI_STREAMS / NAIVE_STREAMS),
        None,
        3.5,
        is_least=True,
    ),
    Goal("G5", "tokens/s without upstream delay", "", number(FLOOD), 70_000, 40_000, is_least=True, scales=True),
    Goal(
        "G5",
        "the same",
        "x LiteLLM (0.19 x naive)",
        ratio(FLOOD, "naive.flood", LITELLM_FLOOD / NAIVE_FLOOD),
        None,
        25,
        is_least=True,
    ),
    Goal("G6", "memory of an idle socket", "KiB", number("product.idle_kib"), 40, 60),
    Goal("G6", "memory of a stream beside its socket", "KiB", number("product.stream_kib"), 90, 120),
    Goal("G6", "memory of a client that stops reading", "KiB", number("product.deaf_kib"), 1_024, 1_024),
    Goal("G7", "CPU per message beside the tokens", "ms", _message_ms, 6, 10, scales=True),
    Goal("G8", "hold + settle a second", "", number("ledger.rate"), 800, 500, is_least=True, scales=True),
    Goal("G8", "deadlocks, 8 writers on one account", "", number("ledger.deadlocks"), 0, 0),
    Goal("G9", "purged messages/s", "", number("purge.rate"), 100_000, 50_000, is_least=True, is_asserted=False),
    Goal("G9", "slowest batch of a purge", "ms", number("purge.worst_ms"), 100, 100, is_asserted=False),
    Goal("G10", "page of 50 at any depth of 10,000", "ms", number("page.ms"), 1.5, 3, scales=True),
    Goal("G10", "history of 500 messages", "ms", number("history.ms"), 5, 10, scales=True),
    Goal("G11", "silences > 100 ms under load", "", number("product.stalls"), 0, 0),
    Goal("G12", "HTML: extra CPU per token", "x bare", _extra_of_html, 1.0, 3),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal, what was measured (NaN: it was not), and what that comes to."""

    goal: Goal
    measured: float
    word: str

    @property
    def fails(self) -> bool:
        return self.word == "MISSED" and self.goal.is_asserted


def slowness(numbers: Numbers) -> float:
    """How many times longer the naive consumer takes here than where the goals were set; never below 1."""
    return max(1.0, numbers.get("naive.cpu_us", NAIVE_CPU_US) / NAIVE_CPU_US)


def judge(numbers: Numbers) -> Iterator[Verdict]:
    """Hold every goal against the numbers."""
    slow = slowness(numbers)
    for goal in GOALS:
        try:
            measured = goal.measure(numbers)
        except (KeyError, ZeroDivisionError):
            measured = math.nan
        yield Verdict(goal, measured, _word(goal, measured, slow if goal.scales else 1.0))


def _word(goal: Goal, measured: float, slow: float) -> str:
    if math.isnan(measured):
        return "not measured"
    if _reaches(goal, measured, goal.goal, slow):
        return "goal met"
    if _reaches(goal, measured, goal.must, slow):
        return "must met"
    return "MISSED" if goal.is_asserted else "missed (not asked for yet)"


def _reaches(goal: Goal, measured: float, limit: float | None, slow: float) -> bool:
    if limit is None:
        return False
    return measured >= limit / slow if goal.is_least else measured <= limit * slow
