"""What follows from changes at allauth and from what happens to sign-ins."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, password_changed, password_reset, password_set
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User, normalised
from accounts.sign_ins import tokens
from accounts.sign_ins.sessions import family_of


@receiver([password_changed, password_set, email_changed])
def end_other_sign_ins(sender: object, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Whoever changes how the account is proven stays; everybody else has to prove it anew."""
    tokens.end_others(user, family_of(request), tokens.End.CREDENTIALS, timezone.now())


@receiver(password_reset)
def end_all_sign_ins(sender: object, user: User, **_kwargs: Any) -> None:
    """A reset is for somebody who lost control: nobody stays."""
    tokens.end_all(user, tokens.End.CREDENTIALS, timezone.now())


@receiver(post_save, sender=User)
def give_vouched_accounts_an_address(
    sender: object, instance: User, created: bool, raw: bool = False, **_kwargs: Any
) -> None:
    """Let allauth, too, know the address of an account that an operator made."""
    if created and not raw and instance.email_verified_at:
        EmailAddress.objects.create(user=instance, email=instance.email.lower(), primary=True, verified=True)


@receiver(post_save, sender=EmailAddress)
def follow_verification(sender: object, instance: EmailAddress, created: bool, **_kwargs: Any) -> None:
    """Keep `email_verified_at`, which the gate reads with the user, in step with allauth's row for the same address."""
    user = instance.user
    if normalised(instance.email) != user.email_key or bool(user.email_verified_at) == instance.verified:
        return
    if created and not instance.verified:  # allauth writes down the address of an account that has no row yet
        return
    user.email_verified_at = timezone.now() if instance.verified else None
    user.save(update_fields=["email_verified_at"])


@receiver(password_reset)
def take_a_reset_as_proof(sender: object, user: User, **_kwargs: Any) -> None:
    """The link to a new password was mailed to the address: whoever used it reads that mail."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
    )
