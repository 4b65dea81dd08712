"""On what somebody signed in: coarse names of browser and system, from headers that every browser sends."""

from __future__ import annotations

import re
from collections.abc import Mapping

from accounts.sign_ins.tokens import Device

# In this order: most browsers also name those that they descend from.
BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|Chromium/|CriOS/"),
    ("Safari", r"Safari/"),
)
SYSTEMS = (
    ("iOS", r"iPhone|iPad|iPod"),
    ("Android", r"Android"),
    ("ChromeOS", r"CrOS"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux|X11"),
)
LONGEST = 512  # characters of a header that are looked at


def of_headers(headers: Mapping[str, str]) -> Device:
    """Give the coarse names; empty where they are not known. No version, no model."""
    agent = headers.get("User-Agent", "")[:LONGEST]
    return Device(_first(BROWSERS, agent), _first(SYSTEMS, agent))


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, agent)), "")
