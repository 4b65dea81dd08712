"""How credits are written for people: one function for every page, message and mail, so that numbers never differ."""

from __future__ import annotations

from decimal import Decimal

from django.utils.formats import number_format

DIGITS = 6  # a credit has this many decimals
USUAL_DECIMALS = 2


def format_credits(micro: int) -> str:
    """Write micro-credits as credits, without the unit: `1.24`, `0.0034`, `12,500.00`.

    Two decimals, and below a tenth of a credit as many as show two digits, so that nothing that costs is shown as 0.
    Rounded to the nearest, halves away from zero: in nobody's favour. What is rounded is the picture, never the books.
    """
    size = abs(micro)
    for decimals in range(USUAL_DECIMALS, DIGITS):
        unit = 10 ** (DIGITS - decimals)
        rounded = (size + unit // 2) // unit
        if rounded >= 10 or size == 0:
            return _write(-rounded if micro < 0 else rounded, decimals)
    return _write(micro, DIGITS)


def exact_credits(micro: int) -> str:
    """Write every micro-credit, for receipts and for finding a difference: `1.243817`."""
    return _write(micro, DIGITS)


def _write(units: int, decimals: int) -> str:
    return number_format(Decimal(units).scaleb(-decimals), decimal_pos=decimals, force_grouping=True)
