"""Finds accounts that were made at one place with one kind of browser: a weak sign, reported, never acted on here."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import SignupSignal
from accounts.signup import keys
from accounts.signup.origin import Origin

# Others with the same network and the same browser before anybody is told. A family or a small office has two or three;
# whoever makes accounts for their free credits has more.
MANY = 3


def is_one_of_many(row: SignupSignal, origin: Origin) -> bool:
    """Say whether this sign-up has too many likenesses among those that are kept. Two queries.

    Each quarter's marks are made with a key of its own, so it is compared under every key that still exists.
    """
    if not origin.network:
        return False
    wanted = Q()
    for key in keys.existing(keys.recent_owners(row.created_at)).values():
        wanted |= Q(
            network_mark=key.mark("network", origin.network), browser_mark=key.mark("browser", origin.fingerprint)
        )
    return bool(wanted) and SignupSignal.objects.filter(wanted).exclude(pk=row.pk).count() >= MANY
