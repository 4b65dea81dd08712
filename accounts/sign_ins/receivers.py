"""What follows from what happens to a sign-in: mails to its owner, and a new session key after a new proof."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import authentication_step_completed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import outbox
from accounts.models import TokenFamily
from accounts.sign_ins import tokens
from accounts.signals import family_began, family_stolen


@receiver(family_began)
def tell_of_a_new_device(sender: object, family: TokenFamily, **_kwargs: Any) -> None:
    """Write to the owner, unless this device is known, or is the account's first."""
    if tokens.is_on_a_new_device(family):
        outbox.post("new_device", family.user.email, family.user, family.began_at, device=_named(family))


@receiver(family_stolen)
def tell_of_a_theft(sender: object, family: TokenFamily, **_kwargs: Any) -> None:
    """Write to the owner that two parties held one sign-in."""
    outbox.post("session_theft", family.user.email, family.user, timezone.now())


@receiver(authentication_step_completed)
def change_the_key_after_a_new_proof(sender: object, request: HttpRequest, **facts: Any) -> None:
    """Whoever proves again who they are gets new tokens with it: the middleware follows the session's key."""
    if facts.get("reauthenticated"):
        request.session.cycle_key()


def _named(family: TokenFamily) -> str:
    browser = family.browser or _("an unknown browser")
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": family.system} if family.system else browser
