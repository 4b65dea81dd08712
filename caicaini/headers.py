"""The answer's edges: headers that no other package sets, and coded errors as pages or JSON."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults

from caicaini.errors import CaicainiError

GetResponse = Callable[[HttpRequest], HttpResponse]
NO_FEATURES = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"


class SecurityHeaders:
    """Permissions policy everywhere; nothing that may hold personal data is stored by a cache."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", NO_FEATURES)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Cache-Control", "no-store, private")  # static files come with their own
        return response


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
