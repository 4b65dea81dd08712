"""The two demo accounts of a development machine: ann, a customer, and sam, an operator."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from billing.accounts import account_of, balance, grant

DEMO_CREDIT = 500_000_000  # micro-credits: enough to try every model for a while


def make_demo_accounts(password: str, now: datetime) -> None:
    """Create what is missing and set the password that `.env` names, so that what is printed is what works."""
    ann = _person("ann", password)
    _person("sam", password, is_staff=True, is_superuser=True)
    account = account_of(ann)
    held = balance(ann)
    if held.available + held.held < DEMO_CREDIT // 10:
        grant(account, DEMO_CREDIT, "demo", now)


def _person(name: str, password: str, **rights: bool) -> User:
    user = User.objects.called(name)
    if user is None:
        return User.objects.create_user(name, f"{name}@example.test", password, **rights)
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    return user
