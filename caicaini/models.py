"""The three tables that every room needs: wrapped keys (in the vault), job slots, audit events."""

from __future__ import annotations

from django.db import models


class WrappedKey(models.Model):
    """One content key, encrypted by a wrapping key from the environment; the row's absence is the shredding."""

    owner = models.UUIDField(primary_key=True, editable=False)
    wrapping_key = models.CharField(max_length=16, db_index=True)
    wrapped = models.BinaryField(max_length=64)
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"WrappedKey {self.owner}"


class JobSlot(models.Model):
    """One run of a scheduled job; the unique pair lets exactly one worker claim it."""

    job = models.CharField(max_length=64)
    slot = models.DateTimeField()
    claimed_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "slot"], name="one_claim_per_slot")]
        indexes = [models.Index(fields=["slot"], name="job_slot_age")]

    def __str__(self) -> str:
        return f"JobSlot {self.pk}"


class AuditEvent(models.Model):
    """Something staff or a job did, chained by hash: an edited or removed row breaks the chain after it.

    `actor` and `subject` are public uuids; `facts` holds codes, ids and counts, never anyone's words.
    """

    sequence = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    actor = models.UUIDField(null=True, blank=True, db_index=True)
    action = models.CharField(max_length=64, db_index=True)
    subject_type = models.CharField(max_length=64)
    subject = models.CharField(max_length=64, blank=True, db_index=True)
    facts = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)
    retain_until = models.DateField()

    class Meta:
        ordering = ["-sequence"]

    def __str__(self) -> str:
        return f"AuditEvent {self.sequence}"
