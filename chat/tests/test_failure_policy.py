"""The failure policy: every way to end has a rule, and estimates never favour the house."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.tokens import Tokens
from chat.failure_policy import CLIENT_GONE, RULES, TABLE, Cause, Charge, decide, estimate_received
from chat.models import Run
from chat.providers.base import Failure, FinishReason, Usage

USAGE = Usage(input=100, cached=20, cache_write=5, output=50)
TEXT = "Seine, Nile and Mekong, again."  # 30 characters: 6 tokens by the estimate


@pytest.mark.parametrize(
    ("cause", "reason", "text", "code", "tokens", "source"),
    [
        (Cause.MODEL, FinishReason.DONE, TEXT, "finished", Tokens(100, 20, 5, 50), "provider"),
        (Cause.MODEL, FinishReason.DONE, "", "finished", Tokens(100, 20, 5, 50), "provider"),
        (Cause.MODEL, FinishReason.LENGTH, TEXT, "length", Tokens(100, 20, 5, 50), "provider"),
        (Cause.MODEL, FinishReason.REFUSED, "", "refused", Tokens(), "none"),
        (Cause.MODEL, FinishReason.FILTERED, TEXT, "refused_midway", Tokens(100, 20, 5, 50), "provider"),
        (Cause.STOP, None, TEXT, "stopped", Tokens(100, 20, 5, 6), "estimated"),
        (Cause.STOP, None, "", "stopped_early", Tokens(), "none"),
        (Cause.PROVIDER, None, TEXT, "failed_midway", Tokens(output=6), "estimated"),
        (Cause.PROVIDER, None, "", "failed_early", Tokens(), "none"),
        (Cause.INTERRUPTION, None, TEXT, "interrupted", Tokens(output=6), "estimated"),
        (Cause.INTERRUPTION, None, "", "interrupted_early", Tokens(), "none"),
        (Cause.OURS, None, TEXT, "our_fault", Tokens(), "none"),
    ],
)
def test_each_end_has_its_rule(
    cause: Cause, reason: FinishReason | None, text: str, code: str, tokens: Tokens, source: str
) -> None:
    ruling = decide(cause, reason, USAGE, text)
    assert (ruling.rule.code, ruling.tokens, ruling.source) == (code, tokens, source)


@pytest.mark.parametrize("failure", [*Failure, None])
@pytest.mark.parametrize(("text", "tokens", "source"), [("", Tokens(), "none"), (TEXT, Tokens(output=6), "estimated")])
def test_a_timeout_has_rules_of_its_own_and_costs_what_any_failure_costs(
    failure: Failure | None, text: str, tokens: Tokens, source: str
) -> None:
    ruling = decide(Cause.PROVIDER, None, USAGE, text, failure)
    early, midway = (
        ("timed_out_early", "timed_out") if failure is Failure.TIMEOUT else ("failed_early", "failed_midway")
    )
    assert ruling.rule.code == (midway if text else early)
    assert (ruling.rule.end, ruling.tokens, ruling.source) == (Run.End.FAILED, tokens, source)


def test_only_the_providers_silence_is_a_timeout() -> None:
    stopped = decide(Cause.STOP, None, USAGE, TEXT, Failure.TIMEOUT)
    assert stopped.rule.code == "stopped"


def test_missing_output_count_is_estimated_and_marked() -> None:
    ruling = decide(Cause.MODEL, FinishReason.DONE, Usage(input=100), TEXT)
    assert (ruling.tokens, ruling.source) == (Tokens(input=100, output=6), "estimated")


ANY_END = (st.sampled_from(Cause), st.sampled_from([*FinishReason, None]), st.text(), st.sampled_from([*Failure, None]))


@given(*ANY_END)
def test_nothing_received_and_nothing_finished_costs_nothing(
    cause: Cause, reason: FinishReason | None, text: str, failure: Failure | None
) -> None:
    ruling = decide(cause, reason, USAGE, text, failure)
    if ruling.rule.charge is Charge.NOTHING:
        assert ruling.tokens == Tokens()
    if cause is not Cause.MODEL and not text:
        assert ruling.tokens == Tokens()


@given(*ANY_END)
def test_what_is_not_the_providers_count_is_marked_as_an_estimate(
    cause: Cause, reason: FinishReason | None, text: str, failure: Failure | None
) -> None:
    ruling = decide(cause, reason, Usage(input=100), text, failure)
    assert ruling.source == ("none" if ruling.rule.charge is Charge.NOTHING else "estimated")
    assert ruling.tokens.output in {0, estimate_received(text)}


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("The river rose over night, and nobody had gone to bed. " * 40, 480),  # 11 words and a stop: 12 tokens
        ("这条河在夜里涨了起来没有人上床睡觉因为害" * 40, 400),  # 20 characters: 2 to a token at most
        ("Река поднялась ночью, и никто не ложился спать. " * 40, 640),  # 48 characters: 3 to a token
        ("🙂" * 60, 60),
        ("abc", 0),
        ("", 0),
        ("\ud83d", 0),  # half a character
    ],
)
def test_an_estimate_is_no_more_than_the_most_frugal_tokenizer_counts(text: str, most: int) -> None:
    assert estimate_received(text) <= most


@given(st.text(), st.text())
def test_an_estimate_never_counts_more_for_less(text: str, more: str) -> None:
    assert estimate_received(text) <= estimate_received(text + more)


def test_every_rule_is_explained() -> None:
    assert all(str(rule.text).endswith(".") for rule in RULES.values())
    assert all(len(code) <= 32 for code in RULES)
    assert all(str(row.happened).endswith(".") and str(row.why).endswith(".") for row in TABLE)
    assert all(str(row.billed) and str(row.estimate) for row in TABLE)


def test_the_table_covers_every_end_and_is_told_apart_by_its_codes() -> None:
    assert {rule.end for rule in RULES.values()} == set(Run.End)
    assert len({row.code for row in TABLE}) == len(TABLE) == len(RULES) + 1


def test_closing_the_page_is_explained_and_bills_nothing_by_itself() -> None:
    assert CLIENT_GONE in TABLE
    assert CLIENT_GONE.code not in RULES
