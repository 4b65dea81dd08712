"""Sign-ins as families of single-use refresh tokens and access tokens of five minutes.

After RFC 9700 (4.14.2): a used refresh token that comes again means that two parties hold the chain, so the whole
family ends. Two cases look like it and are none. Several requests of one page send the same token at once: for 15
seconds after its use they get an access token, and no successor. And an answer may be lost: the predecessor may come
again as long as its successor is unused, which it then replaces; should the replaced one ever come, it was theft.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.db import SessionStore
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import RefreshToken, TokenFamily, User
from accounts.signals import family_ended, family_stolen
from caicaini.prepared import Prepared

ACCESS_FOR = timedelta(minutes=5)
GRACE = timedelta(seconds=15)  # for requests that one page sent at once
SKEW = timedelta(seconds=60)  # between the clocks of two web processes
FORGET_AFTER = timedelta(days=30)  # ended sign-ins
SALT = "accounts.tokens.access"
BATCH = 500

# Asked with every request and every acting frame.
BY_UUID = Prepared(
    TokenFamily,
    lambda rows, family: rows.select_related("user__open_factor_reset").filter(uuid=family),
    family="uuid",
)

Kind = TokenFamily.Kind
End = TokenFamily.End


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a sign-in lasts without use, and at most."""

    idle: timedelta
    absolute: timedelta


LASTING = {
    Kind.WEB: Lifetime(timedelta(days=14), timedelta(days=90)),
    Kind.CLI: Lifetime(timedelta(days=30), timedelta(days=90)),
}
PASSING = Lifetime(timedelta(hours=12), timedelta(days=7))  # a browser that is not to remember
STAFF = Lifetime(timedelta(hours=12), timedelta(days=7))


@dataclass(frozen=True, slots=True)
class Device:
    """On what somebody signed in: the coarse names that the person sees in the list of devices."""

    browser: str = ""
    system: str = ""


class Outcome(StrEnum):
    """What became of a refresh token that somebody showed."""

    ROTATED = "rotated"
    SIBLING = "sibling"
    UNKNOWN = "unknown"
    OVER = "over"
    UNPROVEN = "unproven"
    STOLEN = "stolen"


@dataclass(frozen=True, slots=True, repr=False)
class Rotation:
    """The outcome; the family only where it goes on, the new token only where there is one."""

    outcome: Outcome
    family: TokenFamily | None = None
    refresh: str = ""


def lifetime(family: TokenFamily) -> Lifetime:
    """Give how long such a sign-in lasts; operators' ones never long."""
    if family.user.is_staff:
        return STAFF
    return LASTING[Kind(family.kind)] if family.is_lasting else PASSING


def begin(
    user: User, kind: Kind, device: Device, now: datetime, session_key: str = "", *, is_lasting: bool = True
) -> tuple[TokenFamily, str]:
    """Store a new sign-in; gives it and its first refresh token."""
    family = TokenFamily(
        user=user,
        kind=kind,
        session_key=session_key,
        mark=user.get_session_auth_hash(),
        browser=device.browser,
        system=device.system,
        is_lasting=is_lasting,
        began_at=now,
        seen_at=now,
    )
    family.expires_at = now + lifetime(family).absolute
    with transaction.atomic():
        family.save(force_insert=True)
        return family, _issue(family, None, now)


def access_token(family: TokenFamily, now: datetime) -> str:
    """Give a token that proves the sign-in for five minutes; whoever checks it asks for the family all the same."""
    until = int((now + ACCESS_FOR).timestamp())
    return signing.Signer(salt=SALT).sign_object([family.uuid.hex, family.kind, until])


def expiry(token: str) -> datetime | None:
    """Give when an access token of ours ends; None for anything else. The signature is looked at first."""
    content = _content(token)
    return datetime.fromtimestamp(content[2], tz=UTC) if content else None


def check(token: str, kind: Kind, now: datetime) -> TokenFamily | None:
    """Give the living sign-in that an access token of this kind proves, its user loaded: one query."""
    content = _content(token)
    if content is None or content[1] != kind or not _is_timely(content[2], now):
        return None
    return living(content[0], now)


def living(family: UUID, now: datetime) -> TokenFamily | None:
    """Give a sign-in by its id if it may still be used, its user loaded: one query."""
    found = BY_UUID.first(family=family)
    return found if found and found.is_alive(now) else None


def rotate(token: str, kind: Kind, now: datetime) -> Rotation:
    """Take a refresh token and give its successor, or say why not. Locks the family: of many at once, one rotates."""
    digest = _digest(token)
    owner = RefreshToken.objects.filter(digest=digest).values_list("family_id", flat=True).first()
    if owner is None:
        return Rotation(Outcome.UNKNOWN)
    with transaction.atomic():
        # The parent row alone is locked, and the token is read again behind the lock.
        TokenFamily.objects.select_for_update().get(pk=owner)
        family = TokenFamily.objects.select_related("user").get(pk=owner)
        row = RefreshToken.objects.filter(digest=digest).first()
        if row is None or family.kind != kind:
            return Rotation(Outcome.UNKNOWN)
        return _rotated(family, row, now)


def _rotated(family: TokenFamily, row: RefreshToken, now: datetime) -> Rotation:
    is_live = row.live_of_id is not None
    if family.is_open(now) and not family.is_proven():  # a new password is being stored: the answer brings new tokens
        return Rotation(Outcome.UNPROVEN)
    if not family.is_alive(now) or (is_live and row.expires_at <= now):
        end(family, End.EXPIRED, now)
        return Rotation(Outcome.OVER)
    if not is_live and row.used_at and now - row.used_at <= GRACE:
        return Rotation(Outcome.SIBLING, family)
    if is_live or _answer_was_lost(row, now):
        return Rotation(Outcome.ROTATED, family, _issue(family, row, now))
    end(family, End.REUSED, now)
    transaction.on_commit(partial(family_stolen.send, TokenFamily, family=family))
    return Rotation(Outcome.STOLEN)


def _answer_was_lost(row: RefreshToken, now: datetime) -> bool:
    """Say whether the token was used and its successor is the live one: never shown to the server."""
    successor = RefreshToken.objects.filter(live_of=row.family_id, predecessor=row.pk, expires_at__gt=now)
    return bool(row.used_at) and successor.exists()


def _issue(family: TokenFamily, predecessor: RefreshToken | None, now: datetime) -> str:
    """Store the one live token. What was live until now is used if it was shown, and replaced if it was not.

    A predecessor that comes a second time is used anew, so that its siblings of this time have their grace.
    """
    token = secrets.token_urlsafe(32)
    RefreshToken.objects.filter(live_of=family.pk).update(live_of=None)
    if predecessor:
        RefreshToken.objects.filter(pk=predecessor.pk).update(used_at=now)
    RefreshToken.objects.create(
        family=family,
        live_of=family,
        digest=_digest(token),
        predecessor=predecessor,
        expires_at=min(now + lifetime(family).idle, family.expires_at),
    )
    TokenFamily.objects.filter(pk=family.pk).update(seen_at=now)
    return token


def renew(family: TokenFamily, user: User, session_key: str, now: datetime) -> str:
    """Follow the session of a person whose key changed, after a new password or proof; gives a new refresh token.

    The token that was live until now counts as shown.
    """
    with transaction.atomic():
        TokenFamily.objects.select_for_update().get(pk=family.pk)
        family.user, family.session_key, family.mark = user, session_key, user.get_session_auth_hash()
        family.save(update_fields=["session_key", "mark"])
        return _issue(family, RefreshToken.objects.filter(live_of=family.pk).first(), now)


def was_renewed(family: TokenFamily) -> bool:
    """Say whether a sign-in, as it was read, follows another session by now."""
    return TokenFamily.objects.filter(pk=family.pk, ended_at=None).exclude(session_key=family.session_key).exists()


def end(family: TokenFamily, why: End, now: datetime) -> bool:
    """End one sign-in, its session with it; gives whether it had not been ended before."""
    is_first = bool(
        TokenFamily.objects.filter(pk=family.pk, ended_at=None).update(ended_at=now, end=why, session_key="")
    )
    if family.session_key:
        SessionStore(family.session_key).delete()
    if is_first:
        transaction.on_commit(partial(family_ended.send, TokenFamily, user=family.user.uuid, family=family.uuid))
    return is_first


def end_others(user: User, keep: TokenFamily | None, why: End, now: datetime) -> int:
    """End all sign-ins of a person but one; gives how many."""
    return sum(end(family, why, now) for family in open_of(user, now) if not (keep and family.pk == keep.pk))


def end_all(user: User, why: End, now: datetime) -> int:
    """End all sign-ins of a person; gives how many."""
    return end_others(user, None, why, now)


def open_of(user: User, now: datetime) -> list[TokenFamily]:
    """Give a person's sign-ins that have not ended, the last used first; that the mark is right is not looked at."""
    families = TokenFamily.objects.filter(user=user, ended_at=None, expires_at__gt=now)
    return list(families.select_related("user").order_by("-seen_at", "-pk"))


def is_on_a_new_device(family: TokenFamily) -> bool:
    """Say whether the person was signed in before, and never on such a device as far as is remembered."""
    others = TokenFamily.objects.filter(user=family.user).exclude(pk=family.pk)
    return others.exists() and not others.filter(browser=family.browser, system=family.system).exists()


def forget_old(now: datetime) -> int:
    """End what was idle for too long, delete what is of no use any more; gives how many rows. In batches.

    Used tokens stay as long as they would have lasted: that is how their theft is noticed.
    """
    idle = RefreshToken.objects.filter(live_of__isnull=False, expires_at__lte=now).values_list("live_of", flat=True)
    for family in TokenFamily.objects.filter(pk__in=list(idle), ended_at=None).select_related("user"):
        end(family, End.EXPIRED, now)
    old = TokenFamily.objects.filter(ended_at__lte=now - FORGET_AFTER)
    return _delete(RefreshToken.objects.filter(live_of=None, expires_at__lte=now)) + _delete(old)


def _delete(rows: QuerySet[Any]) -> int:
    count = 0
    while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
        rows.model._base_manager.filter(pk__in=keys).delete()
        count += len(keys)
    return count


def _content(token: str) -> tuple[UUID, str, int] | None:
    try:
        family, kind, until = signing.Signer(salt=SALT).unsign_object(token)
        return UUID(family), str(kind), int(until)
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None


def _is_timely(until: int, now: datetime) -> bool:
    left = until - now.timestamp()
    return 0 < left <= (ACCESS_FOR + SKEW).total_seconds()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
