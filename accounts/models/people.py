"""Who people are: a name, an address to write to, a password hash, and nothing more."""

from __future__ import annotations

import unicodedata
import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def normalised(text: str) -> str:
    """Give the form in which names and addresses are unique: NFKC, case-folded, trimmed (`José` = `josé`).

    NFKC comes twice and trimming last, or a second call would change the result: folding composes and decomposes
    characters, and some (`¨`) turn into a space and a mark.
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()


class UserManager(BaseUserManager["User"]):
    """Makes users and finds them by name or address."""

    def create_user(self, username: str, email: str, password: str | None = None, **extra: Any) -> User:
        """Make an account as operators do: whoever makes it this way vouches for the address."""
        extra.setdefault("email_verified_at", timezone.now())
        user = self.model(username=username, email=email, **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, email: str, password: str | None = None, **extra: Any) -> User:
        return self.create_user(username, email, password, is_staff=True, is_superuser=True, **extra)

    def called(self, name: str) -> User | None:
        """Find one person by user name or e-mail address; an @ tells which, so that no name passes for an address."""
        key = normalised(name)
        return self.filter(email_key=key).first() if "@" in key else self.filter(username_key=key).first()


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. `closing_at` and `restricted_at` are rows that privacy's jobs pick up."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    username = models.CharField(_("user name"), max_length=40, unique=True)
    username_key = models.CharField(max_length=120, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), max_length=254)
    email_key = models.CharField(max_length=400, unique=True, editable=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("operator"), default=False)
    email_verified_at = models.DateTimeField(_("e-mail address confirmed"), null=True, blank=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    closing_at = models.DateTimeField(_("closes at"), null=True, blank=True)
    restricted_at = models.DateTimeField(_("restricted since"), null=True, blank=True)
    sanctioned_until = models.DateTimeField(_("limited until"), null=True, blank=True)  # who has none costs no look

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return f"User {self.uuid}"

    def is_closed(self, now: datetime) -> bool:
        """Whether the time to think again is over: from then on nobody signs in, whatever the jobs have done yet."""
        return self.closing_at is not None and self.closing_at <= now

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.username_key = normalised(self.username)
        self.email_key = normalised(self.email)
        named = kwargs.get("update_fields")
        if named is not None:  # a name or address never changes without its key
            kwargs["update_fields"] = {*named, *(f"{field}_key" for field in ("username", "email") if field in named)}
        super().save(*args, **kwargs)
