"""Where a sign-up came from: the network address, and what every browser says about itself in plain headers.

Nothing is read by script: no canvas, no fonts, no screen, no exact version. Many people share each value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from accounts.sign_ins import devices

LONGEST = 512  # characters of a header that are looked at
MAJOR = {
    "Edge": r"Edg(?:e|A|iOS)?/(\d{1,4})",
    "Opera": r"OPR/(\d{1,4})",
    "Samsung Internet": r"SamsungBrowser/(\d{1,4})",
    "Firefox": r"(?:Firefox|FxiOS)/(\d{1,4})",
    "Chrome": r"(?:Chrome|Chromium|CriOS)/(\d{1,4})",
    "Safari": r"Version/(\d{1,4})",
}
BRANDS = {"Microsoft Edge": "Edge", "Opera": "Opera", "Samsung Internet": "Samsung Internet", "Google Chrome": "Chrome"}
HINT = re.compile(r'"([^"]{1,40})";\s*v="(\d{1,4})')
LANGUAGE = re.compile(r"\s*([A-Za-z]{2,8})")
PREFIX = {4: 24, 6: 48}  # bits that a household or an office shares


@dataclass(frozen=True, slots=True)
class Origin:
    """An address, empty where there is none, and four coarse words about the browser."""

    address: str
    browser: str
    system: str
    language: str
    is_mobile: bool = False

    @property
    def network(self) -> str:
        """Give the /24 or /48 that the address lies in; empty without one."""
        address = _parsed(self.address)
        return str(ip_network((address, PREFIX[address.version]), strict=False)) if address else ""

    @property
    def fingerprint(self) -> str:
        """Give the words in a fixed order, to be compared."""
        return "|".join((self.browser, self.system, self.language, "mobile" if self.is_mobile else ""))


def of_headers(address: str, headers: Mapping[str, str]) -> Origin:
    """Read an origin from what the browser sent anyway."""
    device = devices.of_headers(headers)
    agent = headers.get("User-Agent", "")[:LONGEST]
    language = LANGUAGE.match(headers.get("Accept-Language", "")[:LONGEST])
    return Origin(
        address=address,
        browser=_hinted(headers) or _versioned(device.browser, agent),
        system=_platform(headers) or device.system,
        language=language[1].lower() if language else "",
        is_mobile=headers.get("Sec-CH-UA-Mobile", "").strip() == "?1" or "Mobi" in agent,
    )


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _hinted(headers: Mapping[str, str]) -> str:
    found = dict(HINT.findall(headers.get("Sec-CH-UA", "")[:LONGEST]))
    return next((f"{name} {found[brand]}" for brand, name in BRANDS.items() if brand in found), "")


def _versioned(browser: str, agent: str) -> str:
    major = re.search(MAJOR[browser], agent) if browser else None
    return f"{browser} {major[1]}" if major else browser


def _platform(headers: Mapping[str, str]) -> str:
    said = headers.get("Sec-CH-UA-Platform", "").strip().strip('"').replace("Chrome OS", "ChromeOS")
    return said if said in dict(devices.SYSTEMS) else ""
