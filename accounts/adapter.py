"""What allauth asks this project: whether sign-up is open, and where the visitor's address comes from."""

from __future__ import annotations

import hashlib
import hmac

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up opens with registration; until then operators make accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Give a keyed hash with a daily key: enough to count attempts, useless afterwards."""
        key = f"{settings.SECRET_KEY}{timezone.now():%Y-%m-%d}".encode()
        return hmac.new(key, request.META.get("REMOTE_ADDR", "").encode(), hashlib.sha256).hexdigest()[:32]
