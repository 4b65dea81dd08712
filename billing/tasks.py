"""Billing's scheduled work."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from billing import proof
from caicaini import slots


@shared_task
def prove_balances() -> None:
    """Daily: compare every balance with its entries and holds."""
    slots.run_once("billing.prove_balances", timezone.now(), timedelta(days=1), proof.prove)
