"""A second factor that was lost: asked for with the password, announced, and carried out by mail three days later.

Whoever has only the password gets nothing without the mailbox as well, and the owner has three days to object.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.errors import NotAllowed
from accounts.factors import notices, rules
from accounts.models import FactorReset, User
from accounts.sign_ins import tokens
from caicaini import audit

WAIT = timedelta(hours=72)
LINK_FOR = timedelta(hours=24)
MOST = 3  # requests of one person
WITHIN = timedelta(days=30)
CANCEL, CARRY_OUT = "accounts.factors.cancel", "accounts.factors.reset"
End = FactorReset.End


def request(user: User, now: datetime) -> FactorReset:
    """Open a request and announce it, or give the one that is open; raises NotAllowed with the reason in words."""
    _require_allowed(user, now)
    try:
        with transaction.atomic():
            reset = FactorReset.objects.create(
                user=user, open_for=user, mark=user.get_session_auth_hash(), requested_at=now, due_at=now + WAIT
            )
            cancel_url = notices.address("account_lost_factor_cancel_link", token(reset, CANCEL))
            due = notices.when(reset.due_at)
            notices.tell("factor_reset_requested", user, now, cancel_url=cancel_url, due=due)
            return reset
    except IntegrityError:  # two clicks: the first one counts
        return FactorReset.objects.get(open_for=user)


def _require_allowed(user: User, now: datetime) -> None:
    if user.is_staff:
        raise NotAllowed(
            _("Operators cannot reset their second factor by mail. Another operator has to do it in the console."),
            code="operator",
        )
    if rules.address_is_young(user, now):
        raise NotAllowed(
            _("The e-mail address of this account changed less than three days ago, so it proves nothing yet."),
            code="address_too_new",
        )
    # With this password: whoever got hold of it cannot use up what its owner has after changing it.
    asked = FactorReset.objects.filter(user=user, mark=user.get_session_auth_hash(), requested_at__gt=now - WITHIN)
    if asked.filter(open_for=None).count() >= MOST:
        raise NotAllowed(_("This was asked for too often. Try again in some weeks, or write to us."), code="too_often")


def token(reset: FactorReset, purpose: str) -> str:
    """Give the signed name of a request that a mailed link carries; each purpose has signatures of its own."""
    return signing.Signer(salt=purpose).sign(reset.uuid.hex)


def found(signed: str, purpose: str) -> FactorReset | None:
    """Give the open request that a mailed link names."""
    try:
        uuid = UUID(hex=signing.Signer(salt=purpose).unsign(signed))
    except (signing.BadSignature, ValueError):
        return None
    return FactorReset.objects.select_related("user").filter(uuid=uuid, open_for__isnull=False).first()


def cancel(user: User, why: End, now: datetime) -> bool:
    """Close a person's open request, if there is one, and tell them."""
    with transaction.atomic():
        is_closed = _close(FactorReset.objects.filter(open_for=user).first(), why, now)
        if is_closed:
            notices.tell("factor_reset_cancelled", user, now)
        return is_closed


def _close(reset: FactorReset | None, why: End, now: datetime) -> bool:
    """Close a request once: of two who try, one does."""
    if reset is None:
        return False
    times = {"done_at": now} if why is End.DONE else {"cancelled_at": now}
    rows = FactorReset.objects.filter(pk=reset.pk, open_for__isnull=False)
    return bool(rows.update(open_for=None, end=why, **times))


def carry_out(reset: FactorReset, now: datetime) -> bool:
    """Remove the factors and end every sign-in, if the link still holds; False if it does not."""
    user = reset.user
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if not reset.has_link(now) or not _still_holds(reset, now) or not _close(reset, End.DONE, now):
            return False
        _remove_all(user, now)
        notices.tell("factor_reset_done", user, now)
        return True


def by_operator(user: User, operator: User, now: datetime) -> None:
    """Remove a colleague's factors, on record; raises NotAllowed for anybody else's, and for one's own."""
    if not user.is_staff or user == operator:
        raise NotAllowed(_("Only another operator's second factor can be reset here."), code="not_an_operator")
    with transaction.atomic():
        _remove_all(user, now)
        notices.tell("factor_reset_done", user, now)
        audit.record(
            "account.factors_reset", now=now, actor=operator.uuid, subject_type="accounts.User", subject=str(user.uuid)
        )


def _remove_all(user: User, now: datetime) -> None:
    Authenticator.objects.filter(user=user).delete()
    tokens.end_all(user, tokens.End.CREDENTIALS, now)


def _still_holds(reset: FactorReset, now: datetime) -> bool:
    """Say whether password and address are what they were when it was asked for."""
    user = reset.user
    is_same = reset.mark == user.get_session_auth_hash()
    return is_same and user.is_active and not user.is_staff and not rules.address_is_young(user, now)


def go_on(now: datetime) -> int:
    """Mail the links that are due, close what ran out; gives how many requests were looked at. Safe to repeat."""
    due = FactorReset.objects.filter(open_for__isnull=False, due_at__lte=now)
    waiting = list(due.select_related("user").order_by("pk"))
    for reset in waiting:
        _go_on_with(reset, now)
    return len(waiting)


def _go_on_with(reset: FactorReset, now: datetime) -> None:
    if not _still_holds(reset, now):
        cancel(reset.user, End.CHANGED, now)
    elif reset.link_until is None:
        _mail_link(reset, now)
    elif reset.link_until <= now:
        _close(reset, End.EXPIRED, now)


def _mail_link(reset: FactorReset, now: datetime) -> None:
    with transaction.atomic():
        rows = FactorReset.objects.filter(pk=reset.pk, open_for__isnull=False, link_until=None)
        until = now + LINK_FOR
        if rows.update(link_until=until):
            url = notices.address("account_lost_factor_reset", token(reset, CARRY_OUT))
            facts = {"reset_url": url, "until": notices.when(until)}
            notices.tell("factor_reset_ready", reset.user, now, expires_at=until, **facts)
