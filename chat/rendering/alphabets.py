"""The mathematical alphabets of Unicode: browsers no longer take bold or script letters from an attribute."""

from __future__ import annotations

import re
import unicodedata

_STYLES = {
    "bold": "BOLD",
    "bold-italic": "BOLD ITALIC",
    "script": "SCRIPT",
    "bold-script": "BOLD SCRIPT",
    "fraktur": "FRAKTUR",
    "bold-fraktur": "BOLD FRAKTUR",
    "double-struck": "DOUBLE-STRUCK",
    "sans-serif": "SANS-SERIF",
    "bold-sans-serif": "SANS-SERIF BOLD",
    "monospace": "MONOSPACE",
}
_PLAIN_NAME = re.compile(r"(?:LATIN |GREEK )?(CAPITAL|SMALL|DIGIT) (?:LETTER )?(\w+)")


def restyle(text: str, variant: str) -> str:
    """Write the letters and digits of `text` in the alphabet named as in MathML; others stay."""
    style = _STYLES.get(variant)
    return "".join(_letter(letter, style) for letter in text) if style else text


def _letter(letter: str, style: str) -> str:
    plain = _PLAIN_NAME.fullmatch(unicodedata.name(letter, ""))
    if not plain:
        return letter
    name = f"{style} {plain[1]} {plain[2]}"
    older = name.replace("FRAKTUR", "BLACK-LETTER")  # some letters had a place before the alphabets came
    return _lookup(f"MATHEMATICAL {name}") or _lookup(older) or letter


def _lookup(name: str) -> str:
    try:
        return unicodedata.lookup(name)
    except KeyError:
        return ""
