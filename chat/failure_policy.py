"""What is billed for each way a reply can end, and why: one table, named on every receipt.

Estimates round in the customer's favour: a received text counts one token per four bytes of UTF-8, rounded down, which
is below what any of the vendors' tokenizers counts, and hidden thinking counts nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.tokens import Tokens
from chat.models import Run
from chat.providers.base import FinishReason, Usage

BYTES_PER_TOKEN = 4
MOST_TOKENS = 2**31 - 1  # of a class; a column holds no more, and no model reads or writes as much


class Charge(StrEnum):
    """What of a run is billed."""

    USAGE = "usage"  # what the provider reported
    INPUT_AND_RECEIVED = "input and received"  # reported input, and the text received as an estimate
    RECEIVED = "received"  # the text received, as an estimate; no input
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table."""

    code: str
    end: Run.End
    charge: Charge
    text: Promise


RULES = {
    rule.code: rule
    for rule in (
        Rule("finished", Run.End.FINISHED, Charge.USAGE, _("The reply is complete: the tokens used are billed.")),
        Rule(
            "length", Run.End.LENGTH, Charge.USAGE, _("The reply reached its longest size: the tokens used are billed.")
        ),
        Rule(
            "stopped",
            Run.End.STOPPED,
            Charge.INPUT_AND_RECEIVED,
            _("You stopped it: the input is billed, and the text you received as an estimate in your favour."),
        ),
        Rule(
            "stopped_early",
            Run.End.STOPPED,
            Charge.NOTHING,
            _("You stopped it before anything came: nothing is billed."),
        ),
        Rule("refused", Run.End.REFUSED, Charge.NOTHING, _("The model declined to answer: nothing is billed.")),
        Rule("refused_midway", Run.End.REFUSED, Charge.USAGE, _("The model broke off: the tokens used are billed.")),
        Rule(
            "failed_early",
            Run.End.FAILED,
            Charge.NOTHING,
            _("The provider failed before anything came: nothing is billed."),
        ),
        Rule(
            "failed_midway",
            Run.End.FAILED,
            Charge.RECEIVED,
            _("The provider failed midway: only the text you received is billed, as an estimate in your favour."),
        ),
        Rule(
            "interrupted",
            Run.End.INTERRUPTED,
            Charge.RECEIVED,
            _("This service was interrupted: only the text that was kept is billed, as an estimate in your favour."),
        ),
        Rule(
            "interrupted_early",
            Run.End.INTERRUPTED,
            Charge.NOTHING,
            _("This service was interrupted: nothing is billed."),
        ),
        Rule("our_fault", Run.End.FAILED, Charge.NOTHING, _("Something went wrong on our side: nothing is billed.")),
    )
}


class Cause(StrEnum):
    """Why a run came to its end."""

    MODEL = "model"
    STOP = "stop"
    PROVIDER = "provider"
    INTERRUPTION = "interruption"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Ruling:
    """The rule that applies, and what it bills."""

    rule: Rule
    tokens: Tokens
    source: str  # provider, estimated, none


def decide(cause: Cause, reason: FinishReason | None, usage: Usage, text: str) -> Ruling:
    """Apply the table to one run; `text` is what the person received, shown thinking included."""
    rule = RULES[_code(cause, reason, bool(text))]
    return Ruling(rule, *_bill(rule.charge, usage, text))


def _code(cause: Cause, reason: FinishReason | None, has_text: bool) -> str:
    if cause is Cause.MODEL:
        return _code_of_finish(reason, has_text)
    return {
        Cause.STOP: ("stopped_early", "stopped"),
        Cause.PROVIDER: ("failed_early", "failed_midway"),
        Cause.INTERRUPTION: ("interrupted_early", "interrupted"),
        Cause.OURS: ("our_fault", "our_fault"),
    }[cause][has_text]


def _code_of_finish(reason: FinishReason | None, has_text: bool) -> str:
    if reason in {FinishReason.REFUSED, FinishReason.FILTERED}:
        return "refused_midway" if has_text else "refused"
    return "length" if reason is FinishReason.LENGTH else "finished"


def _bill(charge: Charge, usage: Usage, text: str) -> tuple[Tokens, str]:
    received = estimate_received(text)
    if charge is Charge.NOTHING:
        return Tokens(), "none"
    if charge is Charge.RECEIVED:
        return Tokens(output=received), "estimated"
    known = Tokens(_sane(usage.input), _sane(usage.cached), _sane(usage.cache_write), _sane(usage.output))
    if charge is Charge.INPUT_AND_RECEIVED:
        return Tokens(known.input, known.cached, known.cache_write, received), "estimated"
    if usage.output is None:
        return Tokens(known.input, known.cached, known.cache_write, received), "estimated"
    return known, "provider"


def _sane(count: int | None) -> int:
    """Take a provider's count as far as it can be true: one that could not be stored would leave the run unsettled."""
    return min(max(count or 0, 0), MOST_TOKENS)


def estimate_received(text: str) -> int:
    """Estimate the tokens of a received text, from below."""
    return len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN
