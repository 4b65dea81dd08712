"""Who has a second factor, who must, and what may be done with it."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import QuerySet
from django.utils.translation import gettext

from accounts import identity
from accounts.models import User

Type = Authenticator.Type
STRONG = (Type.TOTP, Type.WEBAUTHN)  # recovery codes only stand in for one of these


def factors_of(user: User) -> QuerySet[Authenticator]:
    """Give a person's second factors, the recovery codes left out."""
    factors: QuerySet[Authenticator] = Authenticator.objects.filter(user=user, type__in=STRONG)
    return factors.order_by("created_at", "pk")


def has_factor(user: User) -> bool:
    """Say whether a second factor is set up: one query."""
    return factors_of(user).exists()


def has_only_passkeys(user: User) -> bool:
    """Say whether there is no code that this person could type."""
    return not Authenticator.objects.filter(user=user).exclude(type=Type.WEBAUTHN).exists()


def may_remove(user: User, factor: Authenticator) -> bool:
    """Operators keep at least one factor; ask with the user's row locked, or two requests remove the last two."""
    return not user.is_staff or factors_of(user).exclude(pk=factor.pk).exists()


def may_enrol(user: User) -> bool:
    """Not with an address that was never confirmed, or a stranger could lock its owner out for good."""
    return not EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=False).exists()


def address_is_young(user: User, now: datetime) -> bool:
    """Say whether the e-mail address changed within the last 72 hours."""
    return not identity.may_prove_by_mail(user, now)


def name_of(factor: Authenticator) -> str:
    """Give what the person calls a factor: the passkey's own name, or its kind."""
    kinds = {Type.TOTP: gettext("authenticator app"), Type.RECOVERY_CODES: gettext("recovery codes")}
    return kinds.get(factor.type) or gettext("passkey “{name}”").format(name=factor.wrap().name)
