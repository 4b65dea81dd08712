"""The operators' console: Django's own admin under our name, entered through the site's one sign-in page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class AdminSite(admin.AdminSite):
    site_header = _("Caicaini operations")
    site_title = _("Caicaini operations")
    index_title = _("Console")

    def has_permission(self, request: HttpRequest) -> bool:
        """Let operators in whose sign-in used a second factor."""
        return super().has_permission(request) and not way_in(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send on to the sign-in page: Django's own form here would count no attempts, and know no second factor."""
        index = reverse("admin:index", current_app=self.name)
        if self.has_permission(request):
            return HttpResponseRedirect(index)
        if request.user.is_authenticated and (way := way_in(request)):
            return HttpResponseRedirect(way)
        if request.user.is_authenticated:
            raise PermissionDenied
        target = request.GET.get(REDIRECT_FIELD_NAME) or index
        return HttpResponseRedirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({REDIRECT_FIELD_NAME: target})}")

    def password_change(  # type: ignore[override]  # the stub promises a template
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send on to the account's page: Django's own here would ask for no second factor and end no other sign-in."""
        return HttpResponseRedirect(reverse("account_change_password"))

    def password_change_done(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Nobody comes here from a form any more."""
        return HttpResponseRedirect(reverse("account"))


def way_in(request: HttpRequest) -> str:
    """Give where an operator has to go first; empty if nothing is lacking. Who may is for accounts, a room above."""
    way: str = import_string(settings.CONSOLE_DOOR)(request)
    return way


class AdminConfig(DjangoAdminConfig):
    default_site = "caicaini.admin_site.AdminSite"
