"""How many tokens of which class a request used, and a safe estimate of how many a text will be."""

from __future__ import annotations

from dataclasses import dataclass

# Bytes of UTF-8 per token, assumed for holds. The vendors' tokenizers give 3 or more for prose in Latin letters and in
# Chinese (3 bytes a character, about one token), and 2 to 3 for dense code and tables: dividing by 2 lies above all of
# these. Only noise reaches one token a byte, and what goes beyond a hold then is the house's loss, never a debt.
BYTES_PER_TOKEN = 2


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens by the class in which vendors price them; `input` holds neither the cached nor the cache-writing ones.

    Raises ValueError for a negative count, which would otherwise pay the customer.
    """

    input: int = 0
    cached: int = 0
    cache_write: int = 0
    output: int = 0

    def __post_init__(self) -> None:
        if min(self.input, self.cached, self.cache_write, self.output) < 0:
            raise ValueError("a token count is negative")

    @property
    def prompt(self) -> int:
        """All that the model read."""
        return self.input + self.cached + self.cache_write


def estimate_tokens(text: str) -> int:
    """Estimate from above how many tokens a text is; one pass over it."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)
