"""Formulas: MathML that browsers show, or else their source."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.rendering import render
from chat.rendering.maths import LONGEST, to_mathml
from chat.tests.rendered_html import assert_safe, read


def inline(latex: str) -> str:
    mathml = to_mathml(latex, is_display=False)
    assert mathml is not None
    return mathml.removeprefix('<math display="inline"><mrow>').removesuffix("</mrow></math>")


WAYS = {
    r"$x^2$": "inline",
    r"\(x^2\)": "inline",
    r"$$x^2$$": "block",
    r"\[x^2\]": "block",
    "$$\nx^2\n$$": "block",
    "```math\nx^2\n```": "block",
}


@pytest.mark.parametrize(("text", "display"), WAYS.items())
def test_formulas_become_mathml(text: str, display: str) -> None:
    (block,) = render(text)
    assert_safe([block])
    (maths,) = read(block).all("math")
    assert maths.attributes == {"display": display}
    assert maths.text == "x2"


def test_prices_are_no_formulas() -> None:
    assert read(render("It costs $5 and then $10 more.")[0]).all("math") == []


@pytest.mark.parametrize("latex", ["a_b_c", r"\left(x", "{", r"\frac"])
def test_what_cannot_be_read_shows_its_source(latex: str) -> None:
    (block,) = render(f"so ${latex}$ is")
    assert_safe([block])
    assert read(block).all("code")[0].text == latex


def test_signs_are_characters_and_escaped() -> None:
    assert inline("a<b") == "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"
    assert inline(r"\unicode{x3c}\leq") == "<mi>&lt;</mi><mo>≤</mo>"


def test_upright_letters_stand() -> None:
    assert inline(r"\mathrm{d}x") == '<mi mathvariant="normal">d</mi><mi>x</mi>'


def test_letters_come_from_their_alphabet() -> None:
    assert inline(r"\mathbf{A1}\boldsymbol{\beta}\mathfrak{CA}\mathbb{R}") == (
        "<mrow><mi>\N{MATHEMATICAL BOLD CAPITAL A}</mi><mn>\N{MATHEMATICAL BOLD DIGIT ONE}</mn></mrow>"
        "<mrow><mi>\N{MATHEMATICAL BOLD ITALIC SMALL BETA}</mi></mrow>"
        "<mrow><mi>\N{BLACK-LETTER CAPITAL C}</mi><mi>\N{MATHEMATICAL FRAKTUR CAPITAL A}</mi></mrow>"
        "<mi>\N{DOUBLE-STRUCK CAPITAL R}</mi>"
    )


def test_limits_stand_below() -> None:
    assert re.match(r'<munder><mo [^>]*movablelimits="true"[^>]*>lim</mo>', inline(r"\lim_{x} y"))


def test_functions_stand_apart() -> None:
    assert inline(r"n\log n") == '<mi>n</mi><mo lspace="0.167em" rspace="0.167em">log</mo><mi>n</mi>'


@pytest.mark.parametrize("name", ["align", "aligned", "gathered", "equation", "cases", "bmatrix", "align*"])
def test_environments_are_known(name: str) -> None:
    mathml = inline(rf"\begin{{{name}}} a &= b \label{{x}} \\ c &= d \nonumber \end{{{name}}}")
    assert "mtable" in mathml
    assert "&amp;" not in mathml
    assert "(1)" not in mathml


@pytest.mark.parametrize(
    "latex",
    [
        r"\text{<img src=x onerror=alert(1)>}",
        r"\mbox{</math><script>alert(1)</script>}",
        r"\href{javascript:alert(1)}{x}",
        r"\class{btn}{x}",
        r"\style{position:fixed}{x}",
        r"\color{red}{x}",
        r"\textcolor{expression(alert(1))}{x}",
        r"\colorbox{url(//x.y)}{x}",
        r"\hspace{99999em}x",
        r"\raise 999em x",
        r"\unicode{x3cscript}",
        r"\rule{9999cm}{9999cm}",
        r"\text{&lt;script&gt;&#x3c;b&#x3e;}",
        r"\operatorname{<b>}x",
        r"\begin{array}{onload=x} a \end{array}",
        r"\verb|<svg onload=x>|",
    ],
)
def test_maths_brings_nothing_else_in(latex: str) -> None:
    blocks = render(f"a ${latex}$ b\n\n$$\n{latex}\n$$\n")
    assert_safe(blocks)
    html = "".join(blocks)
    assert not any(word in html for word in (" href", " style", "<script", "<img", "<svg", "color", "9em", "9cm"))


@pytest.mark.parametrize(
    "latex",
    [
        r"\newcommand{\a}{xx}\newcommand{\b}{\a\a}\b",
        r"\def\a{\a\a}\a",
        r"\sideset{_a}{_b}{" * 40 + "x" + "}" * 40,
        "{" * 900 + "x" + "}" * 900,
        r"\sqrt{" * 300 + "x" + "}" * 300,
        "x" * (LONGEST + 1),
    ],
)
def test_a_bomb_shows_its_source(latex: str) -> None:
    assert to_mathml(latex, is_display=True) is None


TOKENS = (
    r"\frac \left( \right) { } ^ _ & \\ \text{ \begin{align} \end{align} \mathbf \sqrt [ ] \not \color red \hspace 9em "
    r"\over \limits \sum ' \binom \overset \href \class \style \verb| < > % #1 \unicode{ x3c \mathfrak{ }"
).split()


@given(st.lists(st.one_of(st.sampled_from(TOKENS), st.text(max_size=3)), max_size=12).map(" ".join))
def test_any_formula_is_safe(latex: str) -> None:
    assert_safe(render(f"$${latex}$$"))
    mathml = to_mathml(latex, is_display=False)
    if mathml is not None:
        assert_safe([mathml.replace("<math", '<math dir="auto"', 1)])
