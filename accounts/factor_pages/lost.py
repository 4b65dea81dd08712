"""The second factor is lost: asking to do without it, taking that back, and the link that carries it out."""

from __future__ import annotations

from allauth.account.stages import LoginStageController
from allauth.mfa.stages import AuthenticateStage
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import stepup
from accounts.errors import NotAllowed
from accounts.factors import resets
from accounts.models import FactorReset, User
from accounts.sign_ins.sessions import identify, signed_in

End = FactorReset.End
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
def ask(request: HttpRequest) -> HttpResponseBase:
    """Explain what happens and, on a press of the button, begin it; for somebody who just gave the password."""
    user = _who_gave_the_password(request)
    if user is None:
        here = reverse("account_lost_factor")
        page = stepup.BY_PASSWORD if identify(request) else "account_login"
        return redirect(f"{reverse(page)}?next={here}")
    if request.method == "POST":
        try:
            resets.request(user, timezone.now())
        except NotAllowed as refusal:
            messages.error(request, str(refusal.message))
        return redirect("account_lost_factor")
    reset = FactorReset.objects.filter(open_for=user).first()
    return render(request, "account/lost_factor.html", {"person": user, "reset": reset})


def _who_gave_the_password(request: HttpRequest) -> User | None:
    user = identify(request)
    if user:
        return user if stepup.missing(request, user, timezone.now()) != stepup.BY_PASSWORD else None
    stage = LoginStageController.enter(request, AuthenticateStage.key)
    return stage.login.user if stage and not stage.is_void else None


@require_POST
@signed_in
def cancel(request: HttpRequest, user: User) -> HttpResponseBase:
    """Take the request back, from any page of any sign-in."""
    if resets.cancel(user, End.CANCELLED, timezone.now()):
        messages.success(request, _("Cancelled: your second factor stays as it is."))
    return redirect("account_security")


@get_or_post
def cancel_by_link(request: HttpRequest, signed: str) -> HttpResponse:
    """Take the request back from the mail that announced it, without signing in."""
    reset = resets.found(signed, resets.CANCEL)
    if reset and request.method == "POST":
        resets.cancel(reset.user, End.CANCELLED, timezone.now())
        return render(request, "account/lost_factor_cancelled.html")
    return render(request, "account/lost_factor_cancel.html", {"reset": reset}, status=200 if reset else 404)


@get_or_post
def reset_by_link(request: HttpRequest, signed: str) -> HttpResponse:
    """Carry the request out, once; a mere look at the link, as mail scanners take, does nothing."""
    now = timezone.now()
    reset = resets.found(signed, resets.CARRY_OUT)
    if reset and request.method == "POST" and resets.carry_out(reset, now):
        return render(request, "account/lost_factor_done.html")
    is_good = reset is not None and reset.has_link(now) and request.method != "POST"
    return render(request, "account/lost_factor_reset.html", {"is_good": is_good}, status=200 if is_good else 404)
