"""The page that says which second factors are set up, and leads to all that can be done about them."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.factors import rules
from accounts.models import User
from accounts.sign_ins.sessions import signed_in

Type = Authenticator.Type


@require_safe
@signed_in
def page(request: HttpRequest, user: User) -> HttpResponse:
    """Show what is set up."""
    factors = list(Authenticator.objects.filter(user=user).order_by("created_at", "pk"))
    codes = next((factor.wrap() for factor in factors if factor.type == Type.RECOVERY_CODES), None)
    context = {
        "app": next((factor for factor in factors if factor.type == Type.TOTP), None),
        "passkeys": [factor for factor in factors if factor.type == Type.WEBAUTHN],
        "codes": codes and codes.instance,
        "codes_left": len(codes.get_unused_codes()) if codes else 0,
        "is_required": user.is_staff,
        "has_factor": any(factor.type in rules.STRONG for factor in factors),
    }
    return render(request, "account/security.html", context)
