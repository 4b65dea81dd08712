"""Finds Debian's Chromium, which browser tests and pictures drive."""

from __future__ import annotations

import shutil

ARGUMENTS = ("--no-sandbox",)  # the sandbox does not start for root, as tests run in containers
PACKAGE = "chromium"


def path() -> str | None:
    """Give the program's path, or nothing where it is not installed."""
    return shutil.which("chromium")
