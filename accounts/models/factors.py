"""Second factors that were lost: the request to do without them."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class FactorReset(models.Model):
    """A request to remove somebody's second factor, due after three days. One open request a person: `open_for`."""

    class End(models.TextChoices):
        DONE = "done", _("carried out")
        CANCELLED = "cancelled", _("cancelled by the person")
        FOUND = "found", _("the second factor was used or changed")
        CHANGED = "changed", _("password or address changed meanwhile")
        EXPIRED = "expired", _("the link was not used in time")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    open_for = models.OneToOneField(User, on_delete=models.CASCADE, null=True, related_name="open_factor_reset")
    mark = models.CharField(max_length=128)  # of the password that it was asked with
    requested_at = models.DateTimeField(_("asked for"))
    due_at = models.DateTimeField(_("due"), db_index=True)
    link_until = models.DateTimeField(_("link works until"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)
    done_at = models.DateTimeField(_("carried out"), null=True)
    end = models.CharField(_("how it ended"), max_length=10, blank=True, choices=End)

    class Meta:
        verbose_name = _("reset of a second factor")
        verbose_name_plural = _("resets of second factors")

    def __str__(self) -> str:
        return f"Factor reset {self.uuid}"

    def has_link(self, now: datetime) -> bool:
        """Say whether the link that was mailed still works."""
        return self.open_for_id is not None and self.link_until is not None and now < self.link_until
