"""Making an account, with the same work whether the address is free or not."""

from __future__ import annotations

import uuid
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from accounts import identity, names
from accounts.models import User
from accounts.signup.origin import Origin
from accounts.signup.welcome import welcome


def register(username: str, email: str, password: str, origin: Origin, now: datetime) -> User | None:
    """Make an account whose address is not confirmed yet; gives None when the address has an account already.

    For a known address everything is written under another one and undone, so that neither the hashing nor the queries
    tell a stranger who has an account here. Raises ValidationError when the name was taken meanwhile.
    """
    is_known = has_account(email, now)
    try:
        with transaction.atomic():
            user = _written(username, f"{uuid.uuid4().hex}@known.invalid" if is_known else email, password, origin, now)
            transaction.set_rollback(is_known)
    except IntegrityError:  # two forms at once
        names.chosen(username)
        return None
    return None if is_known else user


def has_account(email: str, now: datetime) -> bool:
    """Say whether an account has this address, has proven that it may use it, or may still take it back."""
    if not identity.is_address_free(email, None, now):
        return True
    return bool(EmailAddress.objects.filter(email=email.lower(), verified=True).exists())


def _written(username: str, email: str, password: str, origin: Origin, now: datetime) -> User:
    user = User(username=username, email=email, date_joined=now)
    user.set_password(password)
    user.save(force_insert=True)
    EmailAddress.objects.create(user=user, email=email.lower(), primary=True, verified=False)
    welcome(user, origin, now)
    return user
