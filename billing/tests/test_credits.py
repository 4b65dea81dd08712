"""How credits are written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from billing.credits import exact_credits, format_credits


@pytest.mark.parametrize(
    ("micro", "text"),
    [
        (0, "0.00"),
        (1, "0.000001"),
        (19, "0.000019"),
        (3_449, "0.0034"),
        (20_000, "0.020"),
        (94_999, "0.095"),
        (95_000, "0.10"),
        (1_240_000, "1.24"),
        (1_235_000, "1.24"),
        (-1_235_000, "-1.24"),
        (12_500_000_000, "12,500.00"),
    ],
)
def test_credits_show_two_decimals_and_more_when_tiny(micro: int, text: str) -> None:
    assert format_credits(micro) == text


@given(st.integers(-(10**15), 10**15))
def test_what_costs_is_never_shown_as_nothing_and_hardly_rounded(micro: int) -> None:
    shown = Decimal(format_credits(micro).replace(",", ""))
    assert (shown == 0) == (micro == 0)
    assert abs(shown * 1_000_000 - micro) <= min(5_000, abs(micro) * 6 // 100)


@given(st.integers(-(10**12), 10**12))
def test_exact_credits_show_every_micro_credit(micro: int) -> None:
    assert Decimal(exact_credits(micro).replace(",", "")) * 1_000_000 == micro


def test_templates_write_credits_with_the_same_function() -> None:
    template = Template("{% load credits %}{{ amount|credits }} = {{ amount|exact_credits }}")
    assert template.render(Context({"amount": 1_243_817})) == "1.24 = 1.243817"
