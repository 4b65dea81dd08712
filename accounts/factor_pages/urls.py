"""Addresses below /account/ that are about second factors; the names are allauth's where it goes to them by name."""

from allauth.account import views as account_views
from allauth.mfa.base import views as factor_views
from allauth.mfa.webauthn import views as passkey_views
from django.urls import path

from accounts.factor_pages import changing, lost, proving, security

urlpatterns = [
    path("security/", security.page, name="account_security"),
    path("security/", security.page, name="mfa_index"),
    path("security/", security.page, name="mfa_list_webauthn"),
    path("security/app/", changing.add_app, name="mfa_activate_totp"),
    path("security/app/remove/", changing.remove_app, name="mfa_deactivate_totp"),
    path("security/codes/", changing.show_codes, name="mfa_view_recovery_codes"),
    path("security/codes/new/", changing.new_codes, name="mfa_generate_recovery_codes"),
    path("security/passkeys/", changing.add_passkey, name="mfa_add_webauthn"),
    path("security/passkeys/<int:pk>/name/", changing.rename_passkey, name="mfa_edit_webauthn"),
    path("security/passkeys/<int:pk>/remove/", changing.remove_passkey, name="mfa_remove_webauthn"),
    path("login/code/", factor_views.authenticate, name="mfa_authenticate"),
    path("login/passkey/", passkey_views.login_webauthn, name="mfa_login_webauthn"),
    path("confirm/", account_views.reauthenticate, name="account_reauthenticate"),
    path("confirm/code/", factor_views.reauthenticate, name="mfa_reauthenticate"),
    path("confirm/passkey/", proving.passkey, name="mfa_reauthenticate_webauthn"),
    path("lost-factor/", lost.ask, name="account_lost_factor"),
    path("lost-factor/cancel/", lost.cancel, name="account_lost_factor_cancel"),
    path("lost-factor/cancel/<str:signed>/", lost.cancel_by_link, name="account_lost_factor_cancel_link"),
    path("lost-factor/reset/<str:signed>/", lost.reset_by_link, name="account_lost_factor_reset"),
]
