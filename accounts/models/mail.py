"""Mails that wait for the worker, and for a month the fact that they were sent."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class OutboxMailQuerySet(models.QuerySet["OutboxMail"]):
    """Which mails are due, and which have no use any more."""

    def waiting(self) -> OutboxMailQuerySet:
        return self.filter(state=OutboxMail.State.WAITING)

    def due(self, now: datetime) -> OutboxMailQuerySet:
        """Give what may be sent now, the longest due first; a claimed one is due again when its lease ends."""
        is_valid = Q(expires_at=None) | Q(expires_at__gt=now)
        return self.waiting().filter(is_valid, due_at__lte=now).order_by("due_at", "pk")

    def outdated(self, now: datetime) -> OutboxMailQuerySet:
        """Give what was not sent and would tell of a code that is no longer valid."""
        return self.filter(state__in=(OutboxMail.State.WAITING, OutboxMail.State.DEAD), expires_at__lte=now)

    def dead(self) -> OutboxMailQuerySet:
        return self.filter(state=OutboxMail.State.DEAD)

    def claim(self, now: datetime, lease_until: datetime) -> bool:
        """Take the one row for this worker, if it is still due; of several that try, one gets True."""
        due = self.due(now).order_by()
        return due.update(attempts=F("attempts") + 1, tried_at=now, due_at=lease_until) == 1

    def held(self, mail: OutboxMail) -> OutboxMailQuerySet:
        """Give the row as long as the claim that `mail` was read under is the newest one."""
        return self.waiting().filter(pk=mail.pk, attempts=mail.attempts, due_at=mail.due_at)


class OutboxMail(models.Model):
    """One mail to one person; address and context are sealed, and gone as soon as it is sent."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        DEAD = "dead", _("dead letter")
        EXPIRED = "expired", _("expired unsent")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=64)
    address = models.BinaryField(max_length=512)
    context = models.BinaryField()
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    code = models.CharField(_("last refusal"), max_length=32, blank=True)
    met_outage = models.BooleanField(_("server was down"), default=False)
    created_at = models.DateTimeField(_("posted"), db_index=True)
    due_at = models.DateTimeField(_("due"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    tried_at = models.DateTimeField(_("last tried"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = OutboxMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("outbox")
        indexes = [models.Index(fields=["state", "due_at"], name="mail_by_state_and_due")]

    def __str__(self) -> str:
        return f"OutboxMail {self.uuid}"
