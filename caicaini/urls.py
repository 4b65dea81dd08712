"""Every address of the site."""

from allauth.account import views as account_views
from django.contrib import admin
from django.urls import include, path

from caicaini import health, pages, scraping

urlpatterns = [
    path("", pages.landing, name="landing"),
    path("favicon.ico", pages.favicon),
    path("failure-policy/", pages.failure_policy, name="failure_policy"),
    path("healthz", pages.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", scraping.scrape, name="metrics"),
    path("chat/", include("chat.urls")),
    path("account/", include("accounts.urls")),
    path("account/login/", account_views.login, name="account_login"),
    path("account/logout/", account_views.logout, name="account_logout"),
    path("account/signup/", account_views.signup, name="account_signup"),
    path("account/inactive/", account_views.account_inactive, name="account_inactive"),
    path("admin/", admin.site.urls),
]
handler400 = "caicaini.headers.bad_request"
handler403 = "caicaini.headers.forbidden"
handler404 = "caicaini.headers.not_found"
handler500 = "caicaini.headers.server_error"
