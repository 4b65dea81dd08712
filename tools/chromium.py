"""Finds Debian's Chromium, which browser tests and pictures drive."""

from __future__ import annotations

import shutil

ARGUMENTS = (
    "--no-sandbox",  # it does not start for root, as tests run in containers
    "--disable-domain-reliability",
    # Nothing that it does on its own leaves the machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
PACKAGE = "chromium"


def path() -> str | None:
    """Give the program's path, or nothing where it is not installed."""
    return shutil.which("chromium")
