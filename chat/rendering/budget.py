"""Limits what one text may spend on colouring and maths; what comes after is shown plainly."""

from __future__ import annotations

import re

_COSTLY = re.compile(
    r'<span data-math-style="\w+">(?P<latex>[^<]*)</span>'
    r"|<pre><code(?P<attributes>[^>]*)>(?P<source>[^<]*)</code></pre>"
)
# Colouring costs 1 to 4 ms a kB, maths some 10.
CODE_CHARACTERS = 200_000
LATEX_CHARACTERS = 60_000
EACH = 50
PLAIN = ' data-plain=""'


def hold(html: str) -> str:
    """Mark the code and write out the formulas that come too late to be set."""
    return html if len(html) < LATEX_CHARACTERS else _COSTLY.sub(_Purse().pay, html)


class _Purse:
    """What is left to spend while one text is read."""

    def __init__(self) -> None:
        self._code = CODE_CHARACTERS
        self._latex = LATEX_CHARACTERS

    def pay(self, found: re.Match[str]) -> str:
        latex, source = found["latex"], found["source"]
        if latex is not None:
            self._latex -= len(latex) + EACH
            return found[0] if self._latex > 0 else f'<code class="math-source">{latex}</code>'
        self._code -= len(source) + EACH
        return found[0] if self._code > 0 else f"<pre><code{found['attributes']}{PLAIN}>{source}</code></pre>"
