"""The reader's time zone, told by the browser in a cookie that nothing stores."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest

COOKIE = "zone"
UTC_ZONE = ZoneInfo("UTC")


def zone_of(request: HttpRequest) -> ZoneInfo:
    """Give the zone named by the `zone` cookie, or UTC."""
    name = request.COOKIES.get(COOKIE, "")[:64].replace("%2F", "/")
    try:
        return ZoneInfo(name) if name else UTC_ZONE
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC_ZONE
