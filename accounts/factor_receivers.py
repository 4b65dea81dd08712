"""What follows from second factors being added, removed and used: a mail, and proof anew for every other sign-in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import email_changed, password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset, authenticator_used
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts.factors import codes, notices, resets, rules
from accounts.models import FactorReset, User
from accounts.sign_ins import tokens
from accounts.sign_ins.sessions import family_of

Type = Authenticator.Type
End = FactorReset.End


@receiver([authenticator_added, authenticator_reset])
def on_added(sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Say so; codes made along with the first factor are part of that news."""
    if authenticator.type == Type.RECOVERY_CODES and kwargs["signal"] is authenticator_added:
        return
    now = timezone.now()
    if authenticator.type in rules.STRONG:
        _count_as_used(request, user, authenticator, now)
    notices.tell("factor_added", user, now, factor=rules.name_of(authenticator))
    _follow(request, user, now)


def _count_as_used(request: HttpRequest, user: User, factor: Authenticator, now: datetime) -> None:
    """Whoever sets a factor up has just shown it; the code of an app that did so is used up."""
    if factor.type == Type.TOTP:
        codes.spend(factor, request.POST.get("code", ""), now)
    record_authentication(request, user, "mfa", id=factor.pk, type=factor.type, reauthenticated=True)


@receiver(authenticator_removed)
def on_removed(sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    """Say so; recovery codes that went with the last factor are part of that news."""
    if authenticator.type == Type.RECOVERY_CODES:
        return
    now = timezone.now()
    notices.tell("factor_removed", user, now, factor=rules.name_of(authenticator))
    _follow(request, user, now)


def _follow(request: HttpRequest, user: User, now: datetime) -> None:
    tokens.end_others(user, family_of(request), tokens.End.CREDENTIALS, now)
    resets.cancel(user, End.FOUND, now)


@receiver(authenticator_used)
def on_used(sender: object, user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    """A factor that is used is not lost; of a recovery code the person is told, for there are few."""
    now = timezone.now()
    resets.cancel(user, End.FOUND, now)
    if authenticator.type == Type.RECOVERY_CODES:
        notices.tell("recovery_codes_used", user, now, left=len(authenticator.wrap().get_unused_codes()))


@receiver([password_changed, password_set, password_reset])
def on_new_password(sender: object, user: User, **_kwargs: Any) -> None:
    """A request that was made with the former password is void."""
    resets.cancel(user, End.CHANGED, timezone.now())


@receiver(email_changed)
def on_new_address(sender: object, user: User, **_kwargs: Any) -> None:
    """A request that was announced to the former address is void; the new one gets no link for three days anyway."""
    resets.cancel(user, End.CHANGED, timezone.now())
