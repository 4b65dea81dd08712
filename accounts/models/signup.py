"""What remains of a sign-up: what was accepted, and for 90 days the signals by which duplicate accounts are found."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class Acceptance(models.Model):
    """That a person accepted one version of a document, or confirmed their age; the version is a plain text."""

    class Document(models.TextChoices):
        TERMS = "terms", _("Terms")
        POLICY = "policy", _("privacy policy")
        AGE = "age", _("least age in years")

    user = models.ForeignKey(User, models.CASCADE, related_name="acceptances")
    document = models.CharField(_("document"), max_length=16, choices=Document)
    version = models.CharField(_("version"), max_length=32)
    at = models.DateTimeField(_("accepted"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "document", "version"], name="one_acceptance_per_version")
        ]

    def __str__(self) -> str:
        return f"Acceptance {self.pk}"


class SignupSignal(models.Model):
    """Where a sign-up came from, twice: sealed to be shown to its owner, and as marks that can only be compared.

    Both are made with the quarter's signal key, which lies in the vault as that of `key`.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(User, models.CASCADE, related_name="signup_signal")
    key = models.UUIDField(db_index=True)
    sealed = models.BinaryField(max_length=1024)
    network_mark = models.CharField(max_length=32)
    browser_mark = models.CharField(max_length=32)
    created_at = models.DateTimeField(_("signed up"), db_index=True)

    class Meta:
        indexes = [models.Index(fields=["network_mark", "browser_mark"], name="signup_marks")]

    def __str__(self) -> str:
        return f"SignupSignal {self.uuid}"
