"""What allauth asks this project: whether sign-up is open, how mail is sent, by what attempts are counted."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone

from accounts import addresses
from accounts.models import User, normalised
from accounts.outbox import from_allauth


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up opens with registration; until then operators make accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put the mail into the outbox; the request does not wait for any mail server."""
        from_allauth.forward(template_prefix, email, context, timezone.now())

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        super().send_notification_mail(template_prefix, user, {**(context or {}), "user": user}, email)

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
