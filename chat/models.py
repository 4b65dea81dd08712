"""Conversations, their messages (a parent tree, one row each), the runs that write replies, the catalogue of models."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.models import Price


class CatalogueModel(models.Model):
    """One model that may be offered; operators edit the rows. `slug` also names its prices in billing."""

    class Provider(models.TextChoices):
        ANTHROPIC = "anthropic", "Anthropic"
        MOONSHOT = "moonshot", "Moonshot AI"
        OPENAI_COMPATIBLE = "openai_compatible", _("This service's own machines")
        DEMO = "demo", _("Nobody: it is a demo")

    slug = models.CharField(_("slug"), max_length=64, unique=True)
    provider = models.CharField(_("provider"), max_length=32, choices=Provider)
    vendor_model = models.CharField(_("the provider's id for it"), max_length=128)
    label = models.CharField(_("label"), max_length=64)
    description = models.CharField(_("description"), max_length=200, blank=True)
    context_window = models.PositiveIntegerField(_("context window, tokens"))
    max_output = models.PositiveIntegerField(_("longest reply the provider allows, tokens"))
    usual_output = models.PositiveIntegerField(_("longest reply asked for, tokens"), default=16_384)
    least_output = models.PositiveIntegerField(_("shortest useful reply, tokens"), default=256)
    reads_images = models.BooleanField(_("reads images"), default=False)
    options = models.JSONField(_("the model's own settings"), default=dict, blank=True)
    is_offered = models.BooleanField(_("offered"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        ordering: ClassVar[list[str]] = ["order", "slug"]
        verbose_name = _("model")
        verbose_name_plural = _("models")

    def __str__(self) -> str:
        return self.slug


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Rules about many conversations."""

    def visible_to(self, user: User) -> Self:
        """The person's own conversations that are not deleted: the only way any page or frame reaches one."""
        return self.filter(owner=user, hidden_at=None)

    def hidden_by(self, user: User) -> Self:
        return self.filter(owner=user, hidden_at__isnull=False)


class Conversation(models.Model):
    """A thread of messages of one person. `hidden_at` is the order to delete it, carried out by privacy's jobs."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, on_delete=models.DO_NOTHING, related_name="conversations")
    title = models.BinaryField()
    model = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    active_at = models.DateTimeField()
    hidden_at = models.DateTimeField(null=True, db_index=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner", "hidden_at", "-active_at", "-id"], name="sidebar_order")]

    def __str__(self) -> str:
        return f"Conversation {self.uuid}"


class Message(models.Model):
    """One message: what the person wrote, or a reply. Its words are sealed with the conversation's key."""

    class Role(models.TextChoices):
        USER = "user"
        ASSISTANT = "assistant"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.DO_NOTHING, related_name="messages")
    # Without a database constraint: MariaDB checks it row by row, and the purge deletes parents and children together.
    parent = models.ForeignKey(
        "self", on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="children"
    )
    role = models.CharField(max_length=9, choices=Role)
    body = models.BinaryField()
    reasoning = models.BinaryField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["conversation", "id"], name="reading_order")]

    def __str__(self) -> str:
        return f"Message {self.uuid}"


class Run(models.Model):
    """The writing of one reply: who asked for it, with which model and price, how it ended and what it cost."""

    class State(models.TextChoices):
        RUNNING = "running"
        ENDED = "ended"

    class End(models.TextChoices):
        FINISHED = "finished", _("finished")
        LENGTH = "length", _("reached its longest size")
        STOPPED = "stopped", _("stopped")
        REFUSED = "refused", _("refused by the model")
        FAILED = "failed", _("failed")
        INTERRUPTED = "interrupted", _("interrupted")

    class Client(models.TextChoices):
        """What asked: one of our pages, a program with an official token, or something else with a sign-in."""

        PAGE = "page"
        TOKEN = "token"  # noqa: S105  (no secret: a kind of client)
        OTHER = "other"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request_id = models.UUIDField(editable=False)
    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, related_name="runs")
    conversation = models.ForeignKey(Conversation, on_delete=models.DO_NOTHING, related_name="runs")
    message = models.ForeignKey(Message, on_delete=models.DO_NOTHING, related_name="+")
    reply = models.OneToOneField(Message, on_delete=models.DO_NOTHING, related_name="run")
    client = models.CharField(max_length=5, choices=Client, default=Client.PAGE)
    model = models.CharField(max_length=64)
    provider = models.CharField(max_length=32)
    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="+")
    held = models.BigIntegerField()
    max_output = models.PositiveIntegerField()
    left_out = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    end = models.CharField(max_length=12, choices=End, blank=True, default="")
    rule = models.CharField(max_length=32, blank=True, default="")
    error_code = models.CharField(max_length=32, blank=True, default="")
    log_position = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    stop_asked_at = models.DateTimeField(null=True)  # by a process that does not write the run itself
    input_tokens = models.PositiveIntegerField(default=0)
    cached_tokens = models.PositiveIntegerField(default=0)
    cache_write_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    usage_source = models.CharField(max_length=9, blank=True, default="")
    first_token_ms = models.PositiveIntegerField(null=True)
    total_ms = models.PositiveIntegerField(null=True)
    cost = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "request_id"], name="one_run_per_request")]
        indexes = [
            models.Index(fields=["state", "heartbeat_at"], name="run_liveness"),
            models.Index(fields=["started_at", "user"], name="runs_by_time"),
        ]

    def __str__(self) -> str:
        return f"Run {self.uuid}"
