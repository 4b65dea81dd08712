"""Who somebody is, and how that may change: the user name, the address, and what a mail to it proves."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts import letters
from accounts.errors import address_taken, cannot_undo, name_taken, too_many_changes, wrong_code
from accounts.models import EmailChange, User, normalised
from accounts.models.address_changes import CODE_LASTS, MOST_TRIES, UNDO_LASTS
from accounts.sign_ins import tokens

MOST_CHANGES = 5  # asked for by one person within UNDO_LASTS
FORGET_AFTER = UNDO_LASTS + 2 * CODE_LASTS


def may_prove_by_mail(user: User, now: datetime) -> bool:
    """Whether a mail to the present address proves who somebody is; not while a change of it can be undone.

    Password reset, recovery of a lost factor and data requests ask this before they trust the address. One query.
    """
    return not _standing(now).filter(user=user).exists()


def is_address_free(email: str, user: User | None, now: datetime) -> bool:
    """Whether nobody else has the address, or may still take it back. Registration asks it too. Two queries."""
    key = normalised(email)
    others = User.objects.exclude(pk=user.pk) if user else User.objects
    changes = _standing(now).exclude(user=user) if user else _standing(now)
    return not others.filter(email_key=key).exists() and not changes.filter(old_email_key=key).exists()


def rename(user: User, name: str) -> None:
    """Give the person another user name, as `names.chosen` gives it. Raises IdentityError when it is taken."""
    user.username = name
    try:
        with transaction.atomic():
            user.save(update_fields=["username"])
    except IntegrityError:  # somebody was quicker
        raise name_taken() from None


def ask_for_address(user: User, email: str, now: datetime) -> None:
    """Begin a change: send a code to the new address. An earlier one can no longer be confirmed.

    Raises IdentityError when there were too many. Whether somebody has the address is told to that address alone, so
    that nobody learns here who has an account.
    """
    code = f"{secrets.randbelow(10**6):06d}"
    with transaction.atomic():
        User.objects.select_for_update().only("pk").get(pk=user.pk)
        if EmailChange.objects.filter(user=user, asked_at__gt=now - UNDO_LASTS).count() >= MOST_CHANGES:
            raise too_many_changes()
        EmailChange.objects.filter(user=user, confirmed_at=None).update(tries=MOST_TRIES)
        change = EmailChange(
            user=user, old_email=user.email, old_email_key=user.email_key, new_email=email, asked_at=now
        )
        change.code = _hash(change.uuid, code)
        change.save(force_insert=True)
        if is_address_free(email, user, now):
            letters.send_address_code(change, code, now)
        else:
            letters.send_address_in_use(email, now)


def open_change(user: User, now: datetime) -> EmailChange | None:
    """Find the change that waits for its code."""
    change = EmailChange.objects.filter(user=user, confirmed_at=None).order_by("-asked_at").first()
    return change if change and change.takes_code(now) else None


def confirm_address(user: User, code: str, now: datetime) -> None:
    """Make the new address the person's, and tell the old one how to undo it. The caller ends the other sign-ins.

    Raises IdentityError: the code is wrong (also when nothing waits for one), or the address is not free any more.
    """
    change = open_change(user, now)
    # The try is counted in a statement of its own, before the code is looked at: a failure undoes nothing of it.
    if change is None or not _count_try(change) or not constant_time_compare(change.code, _hash(change.uuid, code)):
        raise wrong_code()
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=user.pk)
        if not is_address_free(change.new_email, person, now):
            raise address_taken()
        was_proven = person.email_verified_at is not None
        waiting = EmailChange.objects.filter(pk=change.pk, confirmed_at=None)
        # An address that was never confirmed may be a stranger's, by a slip of the finger: it takes nothing back.
        undone_at = None if was_proven else now
        if not waiting.update(token=_hash(change.uuid, token), confirmed_at=now, undone_at=undone_at):
            raise wrong_code()  # another tab was quicker
        _set_address(person, change.new_email, now)
        if was_proven:
            letters.send_address_changed(change, token, now)
    user.email, user.email_key = person.email, person.email_key


def find_undoable(uuid: UUID, token: str, now: datetime) -> EmailChange:
    """Find the change that this link undoes. Raises IdentityError when there is none."""
    change = EmailChange.objects.select_related("user").filter(uuid=uuid).first()
    if change is None or not constant_time_compare(change.token, _hash(uuid, token)) or not change.may_be_undone(now):
        raise cannot_undo()
    return change


def undo_address(change: EmailChange, password: str, now: datetime) -> User:
    """Give the account back to the old address, with a new password; void every later change, end every sign-in.

    The password goes with it because whoever made the change knew the one before.
    """
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=change.user_id)
        open_ones = EmailChange.objects.filter(user=person, undone_at=None, asked_at__gte=change.asked_at)
        if not open_ones.filter(pk=change.pk).exists():  # another click was quicker
            raise cannot_undo()
        open_ones.update(undone_at=now, tries=MOST_TRIES)
        person.set_password(password)
        person.save(update_fields=["password"])
        _set_address(person, change.old_email, now)
        # Whoever made the change may have set up a second factor, which would keep the owner out for good.
        Authenticator.objects.filter(user=person, created_at__gte=change.confirmed_at).delete()
        tokens.end_all(person, tokens.End.CREDENTIALS, now)
        letters.send_address_restored(person, now)
    return person


def forget_old_changes(now: datetime) -> int:
    """Delete the changes that nobody can undo any more; gives how many."""
    return EmailChange.objects.filter(asked_at__lt=now - FORGET_AFTER).delete()[0]


def _standing(now: datetime) -> QuerySet[EmailChange]:
    return EmailChange.objects.filter(confirmed_at__gt=now - UNDO_LASTS, undone_at=None)


def _count_try(change: EmailChange) -> bool:
    return bool(
        EmailChange.objects.filter(pk=change.pk, confirmed_at=None, tries__lt=MOST_TRIES).update(tries=F("tries") + 1)
    )


def _set_address(user: User, email: str, now: datetime) -> None:
    """Write the address where this project and where allauth keep it; the owner has shown that mail arrives there."""
    user.email, user.email_verified_at = email, now
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "email_verified_at"])
    except IntegrityError:
        raise address_taken() from None
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=email.lower(), verified=True, primary=True)


def _hash(uuid: UUID, secret: str) -> str:
    return salted_hmac("accounts.identity", f"{uuid}:{secret}", algorithm="sha256").hexdigest()
