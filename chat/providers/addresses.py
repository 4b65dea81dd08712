"""Checks the vendors' addresses in the settings: in production prompts leave over TLS, to another machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

VENDOR_ADDRESSES = ("ANTHROPIC_BASE_URL", "MOONSHOT_BASE_URL")


def problems() -> list[str]:
    """Give one line for each address that is not acceptable, and none when all is well; for a system check."""
    found = [(name, _of_vendor(urlsplit(getattr(settings, name)))) for name in VENDOR_ADDRESSES]
    if settings.LOCAL_MODELS_BASE_URL:
        # Local servers speak plain HTTP, and they stand on this machine.
        found.append(("LOCAL_MODELS_BASE_URL", _of_any(urlsplit(settings.LOCAL_MODELS_BASE_URL))))
    return [f"{name}: {problem}" for name, problem in found if problem]


def _of_vendor(address: SplitResult) -> str:
    if problem := _of_any(address):
        return problem
    if settings.DEBUG:
        return ""
    if address.scheme != "https":
        return _("must begin with https:// unless DEBUG is on.")
    if _is_this_machine(address.hostname or ""):
        return _("must not point to this machine unless DEBUG is on.")
    return ""


def _of_any(address: SplitResult) -> str:
    if address.scheme not in {"http", "https"} or not address.hostname:
        return _("is not a web address.")
    if address.username or address.password or address.query or address.fragment:
        return _("must be a plain address without a user, a query or a fragment.")
    return ""


def _is_this_machine(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.rstrip(".").lower().split(".")[-1] == "localhost"
    return address.is_loopback or address.is_unspecified
