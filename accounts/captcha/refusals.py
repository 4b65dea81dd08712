"""The two ways in which nobody is let through: a bad answer, or no verdict to be had."""

from __future__ import annotations

from django.utils.functional import Promise


class Refused(Exception):
    """An answer that proves nothing; `words` say to the person what to do."""

    def __init__(self, code: str, words: str | Promise) -> None:
        super().__init__(code)
        self.code = code
        self.words = words


class Unavailable(Exception):
    """There is no verdict: the service does not answer, or is not set up."""
