"""What points to misuse, the cases that operators judge, what limits a person because of one, and how they object."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class SignalKind(models.TextChoices):
    """What a program may notice; each has a weight and a half-life in `accounts.abuse.weights`."""

    DUPLICATE_ACCOUNT = "duplicate_account", _("several accounts that look like one person's")
    DISPOSABLE_MAIL = "disposable_mail", _("a throw-away e-mail address")
    PROMPT_INJECTION = "prompt_injection", _("a message built to override a model's instructions")
    SCRIPTED_USE = "scripted_use", _("a program that uses the pages in a person's place")
    PAYMENT_FRAUD = "payment_fraud", _("a payment that is not what it seems")
    SESSION_THEFT = "session_theft", _("a stolen sign-in")


class Reason(models.TextChoices):
    """Why somebody is limited, as the person reads it behind "because of"."""

    MANY_ACCOUNTS = "many_accounts", _("signs of several accounts kept by one person")
    AUTOMATED_USE = "automated_use", _("use of the pages by a program")
    PROMPT_ATTACKS = "prompt_attacks", _("repeated messages built to override a model's instructions")
    PAYMENT_FRAUD = "payment_fraud", _("a payment that was not honest")
    TERMS = "terms", _("a breach of the Terms")


class AbuseSignal(models.Model):
    """One thing that was noticed about a person. `evidence` refers to it (`run:<uuid>`), and never quotes it."""

    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, related_name="abuse_signals")
    kind = models.CharField(_("kind"), max_length=20, choices=SignalKind)
    weight = models.PositiveSmallIntegerField(_("weight"))
    # Empty is NULL here: then the pair below counts the same thing once, and things without a reference each time.
    evidence = models.CharField(_("seen at"), max_length=80, null=True)  # noqa: DJ001
    at = models.DateTimeField(_("noticed"), db_index=True)

    class Meta:
        verbose_name = _("abuse signal")
        verbose_name_plural = _("abuse signals")
        constraints = [models.UniqueConstraint(fields=["user", "kind", "evidence"], name="one_signal_per_evidence")]
        indexes = [models.Index(fields=["user", "at"], name="signals_of_a_person")]

    def __str__(self) -> str:
        return f"AbuseSignal {self.pk}"


class AbuseCase(models.Model):
    """What an operator has to judge. `open_for` repeats the person's uuid while it is open: one at a time."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DECIDED = "decided", _("decided")

    class Decision(models.TextChoices):
        NOTHING = "nothing", _("no action")
        SLOW = "slow", _("slower")
        CAPTCHA = "captcha", _("asked for a check")
        SUSPEND = "suspend", _("suspended")
        BAN = "ban", _("banned")

    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, related_name="abuse_cases")
    open_for = models.UUIDField(null=True, unique=True)
    opened_at = models.DateTimeField(_("opened"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    score = models.PositiveIntegerField(_("score when opened"))
    reasons = models.JSONField(_("reasons"), default=list)
    decision = models.CharField(_("decision"), max_length=8, choices=Decision, blank=True, default="")
    reason = models.CharField(_("reason given"), max_length=20, choices=Reason, blank=True, default="")
    note = models.CharField(_("note to the person"), max_length=300, blank=True, default="")
    decided_by = models.UUIDField(_("decided by"), null=True)
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("abuse case")
        verbose_name_plural = _("abuse cases")
        indexes = [models.Index(fields=["state", "opened_at"], name="cases_to_judge")]

    def __str__(self) -> str:
        return f"AbuseCase {self.pk}"


class SanctionQuerySet(models.QuerySet["Sanction"]):
    """Rules about many sanctions."""

    def in_force(self, now: datetime) -> Self:
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), begins_at__lte=now, lifted_at=None)


class Sanction(models.Model):
    """What limits a person, since when, until when, why. Without `set_by` a program set it: then it is a mild one."""

    class Kind(models.TextChoices):
        SLOW = "slow", _("fewer messages a minute")
        CAPTCHA = "captcha", _("a check that you are a person")
        SUSPEND = "suspend", _("no messages and no purchases for a time")
        BAN = "ban", _("no messages and no purchases")

    MILD: ClassVar = (Kind.SLOW, Kind.CAPTCHA)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, related_name="sanctions")
    case = models.ForeignKey(AbuseCase, on_delete=models.DO_NOTHING, related_name="sanctions")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    set_by = models.UUIDField(_("set by"), null=True)
    begins_at = models.DateTimeField(_("begins"))
    expires_at = models.DateTimeField(_("expires"), null=True)
    lifted_at = models.DateTimeField(_("lifted"), null=True)
    lifted_by = models.UUIDField(_("lifted by"), null=True)
    passed_until = models.DateTimeField(
        _("passed until"), null=True
    )  # a check that was passed is not asked for again until then

    objects = SanctionQuerySet.as_manager()

    class Meta:
        verbose_name = _("sanction")
        verbose_name_plural = _("sanctions")
        constraints = [
            models.CheckConstraint(
                condition=Q(set_by__isnull=False) | Q(kind__in=("slow", "captcha"), expires_at__isnull=False),
                name="machines_set_mild_sanctions_that_end",
            )
        ]
        indexes = [models.Index(fields=["user", "begins_at"], name="sanctions_of_a_person")]

    def __str__(self) -> str:
        return f"Sanction {self.uuid}"

    def is_in_force(self, now: datetime) -> bool:
        is_over = self.lifted_at is not None or (self.expires_at is not None and self.expires_at <= now)
        return self.begins_at <= now and not is_over

    @property
    def is_by_machine(self) -> bool:
        return self.set_by is None


class Appeal(models.Model):
    """A person's objection to a sanction and the answer to it, both sealed with a key of its own in the vault.

    `open_for` repeats the sanction's uuid until it is answered: one at a time.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        GRANTED = "granted", _("granted")
        REFUSED = "refused", _("refused")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sanction = models.ForeignKey(Sanction, on_delete=models.DO_NOTHING, related_name="appeals")
    open_for = models.UUIDField(null=True, unique=True)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.OPEN)
    text = models.BinaryField()
    answer = models.BinaryField(null=True)
    made_at = models.DateTimeField(_("made"))
    answered_at = models.DateTimeField(_("answered"), null=True)
    answered_by = models.UUIDField(_("answered by"), null=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        indexes = [models.Index(fields=["state", "made_at"], name="appeals_to_answer")]

    def __str__(self) -> str:
        return f"Appeal {self.uuid}"
