"""What billing does when something happens in a lower room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.closing import closing_cancelled
from accounts.models import User
from billing import refunds


@receiver(closing_cancelled)
def withdraw_the_refund(sender: object, user: User, now: datetime, **_kwargs: Any) -> None:
    """Whoever keeps the account keeps the credit in it."""
    refunds.withdraw(user, now)
