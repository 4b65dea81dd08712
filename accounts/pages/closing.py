"""The danger zone: close the account, or keep it after all."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import closing
from accounts.models import User
from accounts.pages.forms import CloseForm
from accounts.sign_ins import tokens
from accounts.sign_ins.sessions import family_of, signed_in
from accounts.stepup import step_up


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@step_up
def close(request: HttpRequest, user: User) -> HttpResponse:
    """Say what happens when, and close the account of whoever types its name."""
    now = timezone.now()
    form = CloseForm(user, request.POST or None)
    if form.is_valid():
        closing.announce(user, now)
        tokens.end_others(user, family_of(request), tokens.End.CLOSED, now)
        return redirect("account_close")
    dates = closing.timetable(user, now)
    return render(request, "account/close.html", {"form": form, "person": user, "dates": dates})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def keep(request: HttpRequest, user: User) -> HttpResponse:
    """Take the announcement back. It needs no second proof: what it does, it does for the person.

    Whoever comes by a typed address, or back from signing in, finds the page with the button.
    """
    if request.method != "POST":
        return redirect("account_close" if user.closing_at else "account")
    if closing.cancel(user, timezone.now()):
        messages.success(request, _("Your account stays open. Nothing was lost."))
    return redirect("account")
