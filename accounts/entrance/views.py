"""The pages at the doors; allauth's views, let through to Turnstile where it is used, and the way to a fresh code."""

from __future__ import annotations

from typing import cast

from allauth.account import views as allauth_views
from allauth.account.internal.flows.email_verification import send_verification_email_for_user
from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from allauth.core.exceptions import ImmediateHttpResponse
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.captcha import may_show_widget
from accounts.models import User
from accounts.sign_ins.sessions import signed_in

login = may_show_widget(allauth_views.login)
signup = may_show_widget(allauth_views.signup)


@require_POST
def leave_code(request: HttpRequest) -> HttpResponseBase:
    """Wait for the code no longer, and lead to where the address is corrected: the sign-in page would lead back here.

    The same for an address that has an account already, where no code was sent.
    """
    if process := EmailVerificationProcess.resume(request):
        process.abort()
    return redirect(f"{reverse('account_login')}?next={reverse('account_address')}")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def verify(request: HttpRequest, user: User) -> HttpResponseBase:
    """Offer a code to somebody who signed in with an address that is not confirmed, and send it."""
    if user.email_verified_at:
        return redirect("chat")
    if request.method != "POST":
        return render(request, "account/verify.html", {"is_waiting": bool(EmailVerificationProcess.resume(request))})
    try:
        send_verification_email_for_user(request, user)
    except ImmediateHttpResponse as early:  # too soon after the last one
        return cast(HttpResponseBase, early.response)
    return redirect("account_email_verification_sent")
