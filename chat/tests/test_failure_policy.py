"""The failure policy: every way to end has a rule, and estimates never favour the house."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.tokens import Tokens
from chat.failure_policy import RULES, Cause, Charge, decide
from chat.providers.base import FinishReason, Usage

USAGE = Usage(input=100, cached=20, cache_write=5, output=50)
TEXT = "Seine, Nile, Mekong."  # 20 bytes: 5 tokens by the estimate


@pytest.mark.parametrize(
    ("cause", "reason", "text", "code", "tokens", "source"),
    [
        (Cause.MODEL, FinishReason.DONE, TEXT, "finished", Tokens(100, 20, 5, 50), "provider"),
        (Cause.MODEL, FinishReason.DONE, "", "finished", Tokens(100, 20, 5, 50), "provider"),
        (Cause.MODEL, FinishReason.LENGTH, TEXT, "length", Tokens(100, 20, 5, 50), "provider"),
        (Cause.MODEL, FinishReason.REFUSED, "", "refused", Tokens(), "none"),
        (Cause.MODEL, FinishReason.FILTERED, TEXT, "refused_midway", Tokens(100, 20, 5, 50), "provider"),
        (Cause.STOP, None, TEXT, "stopped", Tokens(100, 20, 5, 5), "estimated"),
        (Cause.STOP, None, "", "stopped_early", Tokens(), "none"),
        (Cause.PROVIDER, None, TEXT, "failed_midway", Tokens(output=5), "estimated"),
        (Cause.PROVIDER, None, "", "failed_early", Tokens(), "none"),
        (Cause.INTERRUPTION, None, TEXT, "interrupted", Tokens(output=5), "estimated"),
        (Cause.INTERRUPTION, None, "", "interrupted_early", Tokens(), "none"),
        (Cause.OURS, None, TEXT, "our_fault", Tokens(), "none"),
    ],
)
def test_each_end_has_its_rule(
    cause: Cause, reason: FinishReason | None, text: str, code: str, tokens: Tokens, source: str
) -> None:
    ruling = decide(cause, reason, USAGE, text)
    assert (ruling.rule.code, ruling.tokens, ruling.source) == (code, tokens, source)


def test_missing_output_count_is_estimated_and_marked() -> None:
    ruling = decide(Cause.MODEL, FinishReason.DONE, Usage(input=100), TEXT)
    assert (ruling.tokens, ruling.source) == (Tokens(input=100, output=5), "estimated")


@given(st.sampled_from(Cause), st.sampled_from([*FinishReason, None]), st.text())
def test_nothing_received_and_nothing_finished_costs_nothing(
    cause: Cause, reason: FinishReason | None, text: str
) -> None:
    ruling = decide(cause, reason, USAGE, text)
    if ruling.rule.charge is Charge.NOTHING:
        assert ruling.tokens == Tokens()
    if cause is not Cause.MODEL and not text:
        assert ruling.tokens == Tokens()


def test_every_rule_is_explained() -> None:
    assert all(str(rule.text).endswith(".") for rule in RULES.values())
    assert all(len(code) <= 32 for code in RULES)
