"""The account's pages that are about sign-ins, and the address where a page renews its tokens."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import outbox
from accounts.models import User
from accounts.sign_ins import tokens
from accounts.sign_ins.sessions import family_of, identify, signed_in


@require_safe
def refresh(request: HttpRequest) -> HttpResponse:
    """Say whether the browser is still signed in. The middleware has exchanged its tokens by then, if it had to."""
    return HttpResponse(status=204 if identify(request) else 401)


@require_safe
@signed_in
def devices(request: HttpRequest, user: User) -> HttpResponse:
    """List on what this person is signed in."""
    now = timezone.now()
    families = [family for family in tokens.open_of(user, now) if family.is_alive(now)]
    return render(request, "account/devices.html", {"families": families, "current": family_of(request)})


@require_POST
@signed_in
def end_device(request: HttpRequest, user: User, family: UUID) -> HttpResponseBase:
    """End one sign-in; the one that asks goes to the start page."""
    now = timezone.now()
    found = next((each for each in tokens.open_of(user, now) if each.uuid == family), None)
    if found is None:
        raise Http404
    if found == family_of(request):
        logout(request)
        return redirect("landing")
    tokens.end(found, tokens.End.REVOKED, now)
    messages.success(request, _("That device is signed out."))
    return redirect("account_devices")


@require_POST
@signed_in
def end_others(request: HttpRequest, user: User) -> HttpResponseBase:
    """End every sign-in but the one that asks."""
    now = timezone.now()
    count = tokens.end_others(user, family_of(request), tokens.End.REVOKED, now)
    if count:
        outbox.post("sign_ins_ended", user.email, user, now)
    messages.success(
        request, ngettext("%d other device is signed out.", "%d other devices are signed out.", count) % count
    )
    return redirect("account_devices")
