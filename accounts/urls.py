"""Addresses below /account/."""

from allauth.account import views as allauth_views
from django.urls import include, path, re_path

from accounts import standing_views, views
from accounts.entrance import codes
from accounts.entrance import views as entrance

urlpatterns = [
    path("", include("accounts.pages.urls")),
    path("", include("accounts.factor_pages.urls")),
    path("refresh/", views.refresh, name="account_refresh"),
    path("devices/", views.devices, name="account_devices"),
    path("devices/others/", views.end_others, name="account_devices_end_others"),
    path("devices/<uuid:family>/", views.end_device, name="account_device_end"),
    path("login/", entrance.login, name="account_login"),
    path("signup/", entrance.signup, name="account_signup"),
    path("verify/", entrance.verify, name="account_verify"),
    path("email/", entrance.verify, name="account_email"),  # where allauth sends somebody whose code is over
    path("confirm-email/", codes.enter_code, name="account_email_verification_sent"),
    path("confirm-email/leave/", entrance.leave_code, name="account_code_leave"),
    path("password/reset/", allauth_views.password_reset, name="account_reset_password"),
    path("password/reset/done/", allauth_views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        allauth_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("standing/", standing_views.standing, name="account_standing"),
    path("standing/check/", standing_views.check, name="account_standing_check"),
    path("standing/<uuid:sanction>/appeal/", standing_views.appeal, name="account_appeal"),
]
