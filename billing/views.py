"""Billing's pages."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.sign_ins.sessions import signed_in
from billing import refunds
from billing.errors import NothingToRefund


@require_POST
@signed_in
def ask_for_refund(request: HttpRequest, user: User) -> HttpResponse:
    """Ask for what remains in the account that is being closed."""
    try:
        refunds.ask(user, timezone.now())
    except NothingToRefund as refusal:
        messages.warning(request, str(refusal.message))
    else:
        messages.success(request, _("Your request is noted. An operator writes to your address."))
    return redirect("account_close")
