"""The mathematical alphabets of Unicode: browsers no longer take bold or script letters from an attribute."""

from __future__ import annotations

# Where "A", "a" and "0" begin in each; 0 where Unicode has none. https://www.unicode.org/charts/PDF/U1D400.pdf
_STARTS = {
    "bold": (0x1D400, 0x1D41A, 0x1D7CE),
    "italic": (0x1D434, 0x1D44E, 0),
    "bold-italic": (0x1D468, 0x1D482, 0),
    "script": (0x1D49C, 0x1D4B6, 0),
    "bold-script": (0x1D4D0, 0x1D4EA, 0),
    "fraktur": (0x1D504, 0x1D51E, 0),
    "double-struck": (0x1D538, 0x1D552, 0x1D7D8),
    "bold-fraktur": (0x1D56C, 0x1D586, 0),
    "sans-serif": (0x1D5A0, 0x1D5BA, 0x1D7E2),
    "bold-sans-serif": (0x1D5D4, 0x1D5EE, 0x1D7EC),
    "monospace": (0x1D670, 0x1D68A, 0x1D7F6),
}
_GREEK = {"bold": (0x1D6A8, 0x1D6C2), "bold-italic": (0x1D71C, 0x1D736)}
# Letters that had a place before the alphabets came, which therefore have a gap there.
_OLDER = {
    0x1D455: "ℎ", 0x1D49D: "ℬ", 0x1D4A0: "ℰ", 0x1D4A1: "ℱ", 0x1D4A3: "ℋ", 0x1D4A4: "ℐ", 0x1D4A7: "ℒ", 0x1D4A8: "ℳ",
    0x1D4AD: "ℛ", 0x1D4BA: "ℯ", 0x1D4BC: "ℊ", 0x1D4C4: "ℴ", 0x1D506: "ℭ", 0x1D50B: "ℌ", 0x1D50C: "ℑ", 0x1D515: "ℜ",
    0x1D51D: "ℨ", 0x1D53A: "ℂ", 0x1D53F: "ℍ", 0x1D545: "ℕ", 0x1D547: "ℙ", 0x1D548: "ℚ", 0x1D549: "ℝ", 0x1D551: "ℤ",
}  # fmt: skip


def restyle(text: str, variant: str) -> str:
    """Write the letters and digits of `text` in the alphabet named as in MathML; others stay."""
    if variant not in _STARTS:
        return text
    return "".join(_letter(letter, variant) for letter in text)


def _letter(letter: str, variant: str) -> str:
    upper, lower, digits = _STARTS[variant]
    greek_upper, greek_lower = _GREEK.get(variant, (0, 0))
    for first, last, start in (
        ("A", "Z", upper),
        ("a", "z", lower),
        ("0", "9", digits),
        ("Α", "Ω", greek_upper),  # noqa: RUF001 - Greek capitals
        ("α", "ω", greek_lower),  # noqa: RUF001 - Greek letters
    ):
        if start and first <= letter <= last:
            code = start + ord(letter) - ord(first)
            return _OLDER.get(code, chr(code))
    return letter
