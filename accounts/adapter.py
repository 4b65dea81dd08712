"""What allauth asks this project: whether sign-up is open, and what attempts to sign in are counted by."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts import addresses
from accounts.models import normalised


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up opens with registration; until then operators make accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Give a keyed hash of the address: enough to count attempts, useless the day after."""
        address = ""
        with suppress(PermissionDenied):  # a unix socket has no address: all its visitors are counted together
            address = super().get_client_ip(request)
        return addresses.hidden(addresses.network(address))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth counts by the lower-cased text, so that `Ann` and a full-width `Ann` would each get their own
        # five attempts at one account, and puts it into the cache under a hash that anybody can compute.
        return addresses.hidden(normalised(credentials.get("email") or credentials.get("username") or ""))
