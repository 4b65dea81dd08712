"""What chat does when something happens in a lower room: who signs out or is shut out loses the open sockets."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import User
from accounts.signals import family_ended
from chat import notices


@receiver(family_ended)
def close_sockets(sender: object, user: UUID, family: UUID, **_kwargs: Any) -> None:
    """Push the revocation to open sockets; they would notice at their next acting frame anyway."""
    notices.signed_out_now(user, family)


@receiver(post_save, sender=User)
def shut_out(sender: object, instance: User, created: bool, **_kwargs: Any) -> None:
    """Push the revocation to every open socket: a reply that streams would go on to somebody who may not be here."""
    if not (created or instance.is_active):
        transaction.on_commit(partial(notices.signed_out_now, instance.uuid))
