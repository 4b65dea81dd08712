"""What allauth asks this project: whether sign-up is open, how mail is sent, by what attempts are counted."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import addresses, captcha, names
from accounts.factors import rules
from accounts.models import User, normalised
from accounts.outbox import from_allauth

MISMATCH = _("The name or address, or the password, is not correct.")
OURS = {
    "EmailVerificationStage": "accounts.entrance.stages.VerificationAtSignup",
    "AuthenticateStage": "accounts.entrance.stages.FactorAtSignIn",
}


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is open where it can be checked that a person signs up."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": MISMATCH,
        "email_password_mismatch": MISMATCH,
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your password."),
        "incorrect_code": _("This is not the code that we sent."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes before you try again."),
        "rate_limited": _("That was too soon. Wait a minute before you try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return captcha.mode() is not captcha.Mode.NONE

    def clean_username(self, username: str, shallow: bool = False) -> str:
        return names.chosen(username)

    def get_login_stages(self) -> list[str]:
        return [OURS.get(stage.rpartition(".")[2], stage) for stage in super().get_login_stages()]

    def address_of(self, request: HttpRequest) -> str:
        """Give the address itself, for the one place that keeps it; empty where there is none, as at a unix socket."""
        with suppress(PermissionDenied):
            return str(super().get_client_ip(request))
        return ""

    def is_safe_url(self, url: str | None) -> bool:
        """Take what is no address at all (`http://[`) for an unsafe one; allauth's own breaks on it."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put the mail into the outbox; the request does not wait for any mail server."""
        from_allauth.forward(template_prefix, email, context, timezone.now())

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        if template_prefix.startswith("mfa/"):  # `accounts.factor_receivers` say it in our words
            return
        super().send_notification_mail(template_prefix, user, {**(context or {}), "user": user}, email)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Lead an operator who has no second factor to where it is set up, before anything else."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if user.is_staff and not rules.has_factor(user):
            return HttpResponseRedirect(f"{reverse('account_security')}?required")
        return response

    def get_client_ip(self, request: HttpRequest) -> str:
        """Give a keyed hash of the address: enough to count attempts, useless the day after."""
        return addresses.hidden(addresses.network(self.address_of(request)))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth counts by the lower-cased text, so that `Ann` and a full-width `Ann` would each get their own
        # five attempts at one account, and puts it into the cache under a hash that anybody can compute. Name and
        # address of one account count together.
        typed = credentials.get("email") or credentials.get("username") or ""
        user = User.objects.called(typed)
        return addresses.hidden(f"account {user.uuid}" if user else normalised(typed))
