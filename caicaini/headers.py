"""The answer's edges: headers that no other package sets, and coded errors as pages or JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults

from caicaini.errors import CaicainiError

GetResponse = Callable[[HttpRequest], HttpResponse]
NO_FEATURES = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
# What a browser forgets at sign-out. "storage" takes the drafts in every tab, with or without our script, and the
# colours as well: whoever signs out leaves nothing on the device. Not "cookies": that would also take those of the
# host's other sites, and ours end in the same answer by themselves.
FORGET = '"cache", "storage"'
SIGNED_OUT = "caicaini_signed_out"


class SecurityHeaders:
    """Permissions policy everywhere; nothing that may hold personal data is stored by a cache, or stays at sign-out."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", NO_FEATURES)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Cache-Control", "no-store, private")  # static files come with their own
        if hasattr(request, SIGNED_OUT):
            response.headers["Clear-Site-Data"] = FORGET
        return response


@receiver(user_logged_out)
def remember_sign_out(sender: object, request: HttpRequest, **_kwargs: Any) -> None:
    """Mark the request by which somebody signed out, through whichever page."""
    setattr(request, SIGNED_OUT, True)


class ErrorPages:
    """Renders CaicainiError; every other exception is a bug and goes on to Django."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, CaicainiError):
            return None
        return error_page(request, error.status, error.code, str(error.message))


def error_page(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    """Give the one error page, or the same as JSON to a program."""
    if not _wants_page(request):
        return JsonResponse({"code": code, "message": message}, status=status)
    return render(request, "error.html", {"status": status, "code": code, "message": message}, status=status)


def _wants_page(request: HttpRequest) -> bool:
    return "text/html" in request.headers.get("Accept", "text/html")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 400, "bad_request", _("That request could not be understood."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 403, "forbidden", _("You may not open this page."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_page(
        request, 403, "csrf", _("This form is too old or came from elsewhere. Reload the page and try again.")
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer when our code broke: from nothing that may be broken too."""
    if not _wants_page(request):
        return JsonResponse({"code": "internal", "message": _("Something broke on our side.")}, status=500)
    return defaults.server_error(request)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404, "not_found", _("There is nothing here, or it is not yours to see."))
