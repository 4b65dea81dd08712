"""The pages that belong to no room: the landing page, what is billed when, and the sign of life."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.sign_ins.sessions import identify
from chat import catalogue
from chat.failure_policy import TABLE


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Say what this is and what it costs."""
    return render(
        request,
        "landing.html",
        {
            "models": catalogue.offered(timezone.now()),
            "signed_in_user": identify(request),
            "welcome": settings.SIGNUP_GRANT_CREDITS,
        },
    )


@require_safe
def failure_policy(request: HttpRequest) -> HttpResponse:
    """Print the table of what is billed for each way a reply can end."""
    return render(request, "failure_policy.html", {"rows": TABLE, "signed_in_user": identify(request)})


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Send browsers that ask at the traditional address to the icon."""
    return redirect(static("caicaini/favicon.svg"))


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process serves; touches nothing."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")
