"""Sign-ins: a family of tokens each, of which one refresh token at most is live."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class TokenFamily(models.Model):
    """One sign-in on one device, until it is ended or too old. The Django session behind it never leaves the server."""

    class Kind(models.TextChoices):
        WEB = "web", _("browser")
        CLI = "cli", _("command line")

    class End(models.TextChoices):
        SIGNED_OUT = "signed_out", _("signed out")
        REVOKED = "revoked", _("signed out from another device")
        REUSED = "reused", _("a used token came again")
        EXPIRED = "expired", _("too long without use")
        CREDENTIALS = "credentials", _("password, address or second factor changed")
        CLOSED = "closed", _("account closed")
        STAFF = "staff", _("ended by an operator")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("used by"), max_length=8, choices=Kind)
    session_key = models.CharField(max_length=40, blank=True, db_index=True)
    mark = models.CharField(max_length=128)  # of the password that it was begun with
    browser = models.CharField(_("browser"), max_length=20, blank=True)
    system = models.CharField(_("system"), max_length=20, blank=True)
    is_lasting = models.BooleanField(_("stays signed in"), default=True)
    began_at = models.DateTimeField(_("signed in"))
    seen_at = models.DateTimeField(_("last used"))
    expires_at = models.DateTimeField(_("ends at the latest"), db_index=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end = models.CharField(_("why it ended"), max_length=12, blank=True, choices=End)

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")

    def __str__(self) -> str:
        return f"Sign-in {self.uuid}"

    def is_alive(self, now: datetime) -> bool:
        """Say whether it may still be used; costs nothing when the user is loaded."""
        return self.is_open(now) and self.is_proven()

    def is_open(self, now: datetime) -> bool:
        """Say whether nothing has ended it: neither somebody, nor time, nor what became of the account."""
        is_kept = self.ended_at is None and now < self.expires_at
        return is_kept and self.user.is_active and not self.user.is_closed(now)

    def is_proven(self) -> bool:
        """Say whether the password is still the one that it was begun or renewed with."""
        return self.mark == self.user.get_session_auth_hash()


class RefreshToken(models.Model):
    """A single-use token, known by its hash. `live_of` is unique, so that a family cannot have two that are live."""

    family = models.ForeignKey(TokenFamily, on_delete=models.CASCADE, related_name="tokens")
    live_of = models.OneToOneField(TokenFamily, on_delete=models.CASCADE, null=True, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    predecessor = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Refresh token {self.pk}"
