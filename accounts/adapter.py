"""What allauth asks this project: whether sign-up is open, and what attempts to sign in are counted by."""

from __future__ import annotations

import hashlib
import hmac
from contextlib import suppress
from ipaddress import ip_network
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import normalised

IPV6_PREFIX = 64  # what one household gets: whoever has it has all its addresses


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up opens with registration; until then operators make accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def get_client_ip(self, request: HttpRequest) -> str:
        """Give a keyed hash of the address: enough to count attempts, useless the day after."""
        address = ""
        with suppress(PermissionDenied):  # a unix socket has no address: all its visitors are counted together
            address = super().get_client_ip(request)
        return _hidden(_network(address))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth counts by the lower-cased text, so that `Ann` and a full-width `Ann` would each get their own
        # five attempts at one account, and puts it into the cache under a hash that anybody can compute.
        return _hidden(normalised(credentials.get("email") or credentials.get("username") or ""))


def _network(address: str) -> str:
    return str(ip_network(f"{address}/{IPV6_PREFIX}", strict=False)) if ":" in address else address


def _hidden(text: str) -> str:
    key = f"{settings.SECRET_KEY}{timezone.now():%Y-%m-%d}".encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]
