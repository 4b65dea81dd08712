"""Other ways to write a name that mean the same one."""

from __future__ import annotations


def wide(text: str) -> str:
    """Write ASCII letters in full width, as East Asian keyboards do."""
    return "".join(chr(ord(letter) + 0xFEE0) if letter.isalpha() else letter for letter in text)


def bold(text: str) -> str:
    """Write small ASCII letters as mathematical bold ones."""
    return "".join(chr(ord(letter) - ord("a") + 0x1D41A) for letter in text)
