"""Addresses below /account/."""

from django.urls import path

from accounts import standing_views, views

urlpatterns = [
    path("refresh/", views.refresh, name="account_refresh"),
    path("devices/", views.devices, name="account_devices"),
    path("devices/others/", views.end_others, name="account_devices_end_others"),
    path("devices/<uuid:family>/", views.end_device, name="account_device_end"),
    path("standing/", standing_views.standing, name="account_standing"),
    path("standing/check/", standing_views.check, name="account_standing_check"),
    path("standing/<uuid:sanction>/appeal/", standing_views.appeal, name="account_appeal"),
]
