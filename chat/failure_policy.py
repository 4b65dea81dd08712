"""What is billed for each way a reply can end, and why: one table, named on every receipt.

Estimates round in the customer's favour: of a received text, five ASCII characters or six other bytes of UTF-8 are one
token, the whole is rounded down, and hidden thinking counts nothing. That is below what the vendors' tokenizers count:
English prose has fewer than 5 characters a token and code far fewer; Chinese has 1.5 to 2, which are 4.5 to 6 bytes
(Moonshot's user manual, "Token").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.tokens import Tokens
from chat.models import Run
from chat.providers.base import Failure, FinishReason, Usage

ASCII_PER_TOKEN = 5
OTHER_BYTES_PER_TOKEN = 6
MOST_TOKENS = 2**31 - 1  # of a class; a column holds no more, and no model reads or writes as much


class Charge(StrEnum):
    """What of a run is billed."""

    USAGE = "usage"  # what the provider reported
    INPUT_AND_RECEIVED = "input and received"  # reported input, and the text received as an estimate
    RECEIVED = "received"  # the text received, as an estimate; no input
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table as a page prints it: what happened, what is billed for it, and why that."""

    code: str
    happened: Promise
    billed: Promise
    why: Promise
    estimate: Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Row):
    """A row that ends a run; `text` is its sentence on a receipt."""

    end: Run.End
    charge: Charge
    text: Promise


NO = _("No")
YES = _("Yes, in your favour")
BILLED = {
    Charge.USAGE: (_("The tokens that the provider counted"), _("Only if the provider gave no count, in your favour")),
    Charge.INPUT_AND_RECEIVED: (_("The input, and the text you received"), YES),
    Charge.RECEIVED: (_("Only the text you received"), YES),
    Charge.NOTHING: (_("Nothing"), NO),
}


def _rule(code: str, end: Run.End, charge: Charge, happened: Promise, why: Promise, text: Promise) -> Rule:
    billed, estimate = BILLED[charge]
    return Rule(
        code=code, happened=happened, billed=billed, why=why, estimate=estimate, end=end, charge=charge, text=text
    )


RULES = {
    rule.code: rule
    for rule in (
        _rule(
            "finished",
            Run.End.FINISHED,
            Charge.USAGE,
            _("The reply is complete."),
            _("You got what you asked for, and the provider says what it took."),
            _("The reply is complete: the tokens used are billed."),
        ),
        _rule(
            "length",
            Run.End.LENGTH,
            Charge.USAGE,
            _("The reply reached its longest size."),
            _("The limit was set before it began, by the model or by your credit. You can ask it to continue."),
            _("The reply reached its longest size: the tokens used are billed."),
        ),
        _rule(
            "stopped",
            Run.End.STOPPED,
            Charge.INPUT_AND_RECEIVED,
            _("You stopped it."),
            _("The model had read your message and begun. What it wrote beyond the text you received is our cost."),
            _("You stopped it: the input is billed, and the text you received as an estimate in your favour."),
        ),
        _rule(
            "stopped_early",
            Run.End.STOPPED,
            Charge.NOTHING,
            _("You stopped it before anything came."),
            _("You received nothing."),
            _("You stopped it before anything came: nothing is billed."),
        ),
        _rule(
            "refused",
            Run.End.REFUSED,
            Charge.NOTHING,
            _("The model declined to answer."),
            _("You received nothing."),
            _("The model declined to answer: nothing is billed."),
        ),
        _rule(
            "refused_midway",
            Run.End.REFUSED,
            Charge.USAGE,
            _("The model began to answer and broke off by its own rules."),
            _("The text up to there is yours, and the provider says what it took."),
            _("The model broke off: the tokens used are billed."),
        ),
        _rule(
            "failed_early",
            Run.End.FAILED,
            Charge.NOTHING,
            _("The provider failed before anything came."),
            _("You received nothing. What the provider asks for it is our cost."),
            _("The provider failed before anything came: nothing is billed."),
        ),
        _rule(
            "failed_midway",
            Run.End.FAILED,
            Charge.RECEIVED,
            _("The provider failed midway."),
            _("The text that came is yours. The input is our cost, because you will have to send it again."),
            _("The provider failed midway: only the text you received is billed, as an estimate in your favour."),
        ),
        _rule(
            "timed_out_early",
            Run.End.FAILED,
            Charge.NOTHING,
            _("The provider did not begin to answer in the time allowed."),
            _("You received nothing. What the provider asks for it is our cost."),
            _("The provider did not answer in time: nothing is billed."),
        ),
        _rule(
            "timed_out",
            Run.End.FAILED,
            Charge.RECEIVED,
            _("The provider fell silent midway for longer than allowed."),
            _("The text that came is yours. The input is our cost, because you will have to send it again."),
            _("The provider fell silent midway: only the text you received is billed, as an estimate in your favour."),
        ),
        _rule(
            "interrupted",
            Run.End.INTERRUPTED,
            Charge.RECEIVED,
            _("This service was interrupted midway, by a restart or a crash."),
            _("The text that was kept is yours. The interruption is ours, and so is the cost of the rest."),
            _("This service was interrupted: only the text that was kept is billed, as an estimate in your favour."),
        ),
        _rule(
            "interrupted_early",
            Run.End.INTERRUPTED,
            Charge.NOTHING,
            _("This service was interrupted before any text was kept."),
            _("You have nothing to keep."),
            _("This service was interrupted: nothing is billed."),
        ),
        _rule(
            "our_fault",
            Run.End.FAILED,
            Charge.NOTHING,
            _("Something went wrong on our side."),
            _("Our mistakes are our cost, whatever came."),
            _("Something went wrong on our side: nothing is billed."),
        ),
    )
}

# Nothing ends here, so no run is ever billed by this row; people ask all the same.
CLIENT_GONE = Row(
    code="client_gone",
    happened=_("You closed the page, or your connection broke."),
    billed=_("What the row of the reply's own end says"),
    why=_("Nothing ends: the reply goes on and waits for you. To end it, press Stop."),
    estimate=_("As in that row"),
)
TABLE: tuple[Row, ...] = (*RULES.values(), CLIENT_GONE)


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


def decide(
    cause: Cause, reason: FinishReason | None, usage: Usage, text: str, failure: Failure | None = None
) -> Ruling:
    """Apply the table to one run; `text` is what the person received, shown thinking included.

    `failure` says what kind of failure it was, where the cause is the provider.
    """
    rule = RULES[_code(cause, reason, bool(text), failure)]
    return Ruling(rule, *_bill(rule.charge, usage, text))


def _code(cause: Cause, reason: FinishReason | None, has_text: bool, failure: Failure | None) -> str:
    if cause is Cause.MODEL:
        return _code_of_finish(reason, has_text)
    if cause is Cause.PROVIDER and failure is Failure.TIMEOUT:
        return "timed_out" if has_text else "timed_out_early"
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
    size = len(text.encode("utf-8", "surrogatepass"))
    ascii_size = size if text.isascii() else len(text.encode("ascii", "ignore"))
    weighed = ascii_size * OTHER_BYTES_PER_TOKEN + (size - ascii_size) * ASCII_PER_TOKEN
    return weighed // (ASCII_PER_TOKEN * OTHER_BYTES_PER_TOKEN)
