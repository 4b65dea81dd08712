"""Every address of the site."""

from allauth.account import views as account_views
from django.contrib import admin
from django.urls import include, path

from caicaini import documents, health, pages, scraping

urlpatterns = [
    path("", pages.landing, name="landing"),
    path("favicon.ico", pages.favicon),
    path("failure-policy/", pages.failure_policy, name="failure_policy"),
    path("terms/", documents.terms, name="terms"),
    path("privacy/", documents.privacy, name="privacy"),
    path("changelog/", documents.changelog, name="changelog"),
    path("contact/", documents.contact, name="contact"),
    path(".well-known/security.txt", documents.security_txt, name="security_txt"),
    path("billing/", include("billing.urls")),
    path("healthz", pages.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", scraping.scrape, name="metrics"),
    path("chat/", include("chat.urls")),
    path("account/", include("accounts.urls")),
    path("account/logout/", account_views.logout, name="account_logout"),
    path("account/inactive/", account_views.account_inactive, name="account_inactive"),
    path("admin/", admin.site.urls),
]
handler400 = "caicaini.headers.bad_request"
handler403 = "caicaini.headers.forbidden"
handler404 = "caicaini.headers.not_found"
handler500 = "caicaini.headers.server_error"
