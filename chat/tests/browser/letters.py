"""Reads the mail that the site under test sent: the one place of the browser tests that knows where it lies."""

from __future__ import annotations

import re
import time
from pathlib import Path

PATIENCE = 30  # seconds


def code_for(log: Path, address: str) -> str:
    """Wait for the newest mail to an address that holds a code, in what the site printed."""
    pattern = re.compile(rf"^To: {re.escape(address)}$.*?^([A-Z0-9]{{4}}-[A-Z0-9]{{4}})$", re.MULTILINE | re.DOTALL)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = pattern.findall(log.read_text(encoding="utf-8", errors="replace"))
        if found:
            return str(found[-1])
        time.sleep(0.05)
    raise AssertionError(f"no code for {address}")
