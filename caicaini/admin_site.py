"""The operators' console: Django's own admin under our name."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.utils.translation import gettext_lazy as _


class AdminSite(admin.AdminSite):
    site_header = _("Caicaini operations")
    site_title = _("Caicaini operations")
    index_title = _("Console")


class AdminConfig(DjangoAdminConfig):
    default_site = "caicaini.admin_site.AdminSite"
