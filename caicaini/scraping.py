"""/metrics: for Prometheus on this machine, or for whoever shows the token; for everybody else it is not there."""

from __future__ import annotations

import asyncio
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from caicaini import gauges, metrics, pool

PATIENCE = 2.0  # seconds for what is read beside the counters
# What a proxy adds: whoever asks through one on this machine comes from elsewhere.
FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA", "HTTP_CF_", "HTTP_TRUE_CLIENT_IP")


@require_safe
async def scrape(request: HttpRequest) -> HttpResponse:
    """Give the metrics of this process, and without delay also when the database hangs."""
    if not (_shows_token(request) or _is_direct_and_local(request)):
        raise Http404
    try:
        async with asyncio.timeout(PATIENCE):
            read = await pool.run(metrics.readings, gauges.read)
    except TimeoutError:
        read = []
    return HttpResponse(metrics.exposition(read), content_type=metrics.CONTENT_TYPE)


def _shows_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    is_right = constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    return bool(settings.METRICS_TOKEN) and scheme.lower() == "bearer" and is_right


def _is_direct_and_local(request: HttpRequest) -> bool:
    if any(name.startswith(FORWARDED) for name in request.META):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
