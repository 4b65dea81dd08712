"""Every address below /billing/."""

from django.urls import path

from billing import views

urlpatterns = [
    path("refund/", views.ask_for_refund, name="billing_refund"),
]
