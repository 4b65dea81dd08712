"""The arithmetic of prices: what tokens cost, and how many of them a credit pays for. Integers only."""

from __future__ import annotations

from dataclasses import dataclass

from billing.tokens import Tokens

CREDIT = 1_000_000  # micro-credits in a credit; a credit is 0.01 USD
USD = 100 * CREDIT
PER = 1_000_000  # rates are per million tokens


@dataclass(frozen=True, slots=True)
class Rates:
    """Micro-credits per million tokens of each class."""

    input: int
    cached_input: int
    cache_write: int
    output: int

    def cost(self, tokens: Tokens) -> int:
        """Sum over the classes and round down once."""
        return (
            tokens.input * self.input
            + tokens.cached * self.cached_input
            + tokens.cache_write * self.cache_write
            + tokens.output * self.output
        ) // PER

    @property
    def dearest_input(self) -> int:
        return max(self.input, self.cached_input, self.cache_write)

    def worst(self, input_tokens: int, output_tokens: int) -> int:
        """Price the input at its dearest class: no split of it over the classes costs more."""
        return (input_tokens * self.dearest_input + output_tokens * self.output) // PER

    def most_output(self, credit: int, input_tokens: int, wanted: int) -> int:
        """Give the largest output up to `wanted` whose worst cost `credit` pays; below 0 when the input is too dear."""
        left = (credit + 1) * PER - 1 - input_tokens * self.dearest_input
        if left < 0:
            return -1
        return wanted if self.output == 0 else min(wanted, left // self.output)
