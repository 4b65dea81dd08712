"""Changes of an e-mail address: asked for, confirmed at the new one, undone from the old one."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User

CODE_LASTS = timedelta(minutes=30)
UNDO_LASTS = timedelta(hours=72)
MOST_TRIES = 5


class EmailChange(models.Model):
    """One change. `token` and `code` are hashes: what the mails carry is stored nowhere."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="email_changes")
    old_email = models.EmailField(_("old address"), max_length=254)
    old_email_key = models.CharField(max_length=400, db_index=True, editable=False)
    new_email = models.EmailField(_("new address"), max_length=254)
    code = models.CharField(max_length=64, editable=False)
    tries = models.PositiveSmallIntegerField(_("wrong codes"), default=0)
    token = models.CharField(max_length=64, blank=True, default="", editable=False)
    asked_at = models.DateTimeField(_("asked for"), db_index=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    class Meta:
        verbose_name = _("change of address")
        verbose_name_plural = _("changes of address")

    def __str__(self) -> str:
        return f"EmailChange {self.uuid}"

    def takes_code(self, now: datetime) -> bool:
        """Whether a code may still be tried."""
        return self.confirmed_at is None and self.tries < MOST_TRIES and now < self.asked_at + CODE_LASTS

    def may_be_undone(self, now: datetime) -> bool:
        """Whether the old address may still take the account back."""
        return self.confirmed_at is not None and self.undone_at is None and now < self.confirmed_at + UNDO_LASTS
