"""Addresses below /account/."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("refresh/", views.refresh, name="account_refresh"),
    path("devices/", views.devices, name="account_devices"),
    path("devices/others/", views.end_others, name="account_devices_end_others"),
    path("devices/<uuid:family>/", views.end_device, name="account_device_end"),
]
