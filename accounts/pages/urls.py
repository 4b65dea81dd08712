"""Where the account's own pages are, below /account/."""

from __future__ import annotations

from django.urls import path

from accounts.pages import closing, data, profile

urlpatterns = [
    path("", profile.profile, name="account"),
    path("name/", profile.name, name="account_name"),
    path("address/", profile.address, name="account_address"),
    path("address/confirm/", profile.confirm_address, name="account_address_confirm"),
    path("address/undo/<uuid:uuid>/<str:token>/", profile.undo_address, name="account_address_undo"),
    path("password/", profile.password, name="account_change_password"),
    path("data/", data.data, name="account_data"),
    path("close/", closing.close, name="account_close"),
    path("keep/", closing.keep, name="account_keep"),
]
