"""Credit and what it was spent on: ledger accounts, their entries, prices, holds and usage records.

Amounts are integers of micro-credits. Nothing here points to a conversation; a run is known by its uuid alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.rates import Rates
from billing.tokens import Tokens

KEEP_FOR = timedelta(days=2557)  # seven years, leap days included: the most that the policy allows (5 to 7)
MODEL_NAME_LENGTH = 64
CODE_LENGTH = 32
RATE_FIELDS = ("input", "cached_input", "cache_write", "output")
LONG_FIELDS = ("long_prompt_above", "long_input", "long_cached_input", "long_cache_write", "long_output")


def retain_until(created_at: datetime) -> date:
    """Give the day until which a row of the financial trail must stay; triggers refuse to delete it earlier."""
    return (created_at + KEEP_FOR).date()


class LedgerAccountQuerySet(models.QuerySet["LedgerAccount"]):
    """Rules about many accounts."""

    def with_sums(self) -> LedgerAccountQuerySet:
        """Add what the rows behind the balance say: `entered` (all entries) and `open_holds`."""
        return self.annotate(entered=_entered(), open_holds=_open_holds())

    def that_differ(self) -> LedgerAccountQuerySet:
        """Keep the accounts whose balance is not what their entries and holds say; none, ever."""
        summed = self.annotate(entered=_entered(), open_holds=_open_holds())
        return summed.exclude(entered=F("available") + F("held"), open_holds=F("held"))


def _entered() -> Coalesce:
    entries = LedgerEntry.objects.filter(account=models.OuterRef("pk")).order_by().values("account")
    return _or_nothing(models.Subquery(entries.annotate(total=Sum("amount")).values("total")))


def _open_holds() -> Coalesce:
    holds = Hold.objects.filter(account=models.OuterRef("pk"), state=Hold.State.OPEN).order_by().values("account")
    return _or_nothing(models.Subquery(holds.annotate(total=Sum("amount")).values("total")))


def _or_nothing(total: models.Subquery) -> Coalesce:
    return Coalesce(total, 0, output_field=models.BigIntegerField())


class LedgerAccount(models.Model):
    """A purse without a name: what is free to spend and what is held for runs that are under way."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    available = models.BigIntegerField(_("available"), default=0)
    held = models.BigIntegerField(_("held"), default=0)
    opened_at = models.DateTimeField(_("opened"))

    objects = LedgerAccountQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(available__gte=0), name="available_is_never_a_debt"),
            models.CheckConstraint(condition=Q(held__gte=0), name="held_is_never_negative"),
        ]
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")

    def __str__(self) -> str:
        return f"LedgerAccount {self.uuid}"


class AccountLink(models.Model):
    """Whose account it is. Erasure deletes this row, and the ledger belongs to nobody any more."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="account_link")
    account = models.OneToOneField(LedgerAccount, on_delete=models.PROTECT, related_name="link")

    def __str__(self) -> str:
        return f"AccountLink {self.pk}"


class Price(models.Model):
    """What a model costs from a moment on, in micro-credits per million tokens. A new price is a new row.

    `long_prompt_above` names the prompt size beyond which the whole request costs the `long_` rates.
    """

    model = models.CharField(_("model"), max_length=MODEL_NAME_LENGTH)
    effective_at = models.DateTimeField(_("effective from"))
    input = models.PositiveBigIntegerField(_("input"))
    cached_input = models.PositiveBigIntegerField(_("input read from cache"))
    cache_write = models.PositiveBigIntegerField(_("input written to cache"))
    output = models.PositiveBigIntegerField(_("output"))
    long_prompt_above = models.PositiveIntegerField(_("long prompt: above so many tokens"), null=True, blank=True)
    long_input = models.PositiveBigIntegerField(_("long prompt: input"), null=True, blank=True)
    long_cached_input = models.PositiveBigIntegerField(_("long prompt: input read from cache"), null=True, blank=True)
    long_cache_write = models.PositiveBigIntegerField(_("long prompt: input written to cache"), null=True, blank=True)
    long_output = models.PositiveBigIntegerField(_("long prompt: output"), null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["model", "effective_at"], name="one_price_per_moment"),
            models.CheckConstraint(
                condition=Q(**dict.fromkeys(LONG_FIELDS)) | Q(**{f"{field}__isnull": False for field in LONG_FIELDS}),
                name="long_prompt_rates_come_together",
                violation_error_message=_("Fill in all five fields of the long prompt, or none."),
            ),
        ]
        ordering: ClassVar[list[str]] = ["model", "-effective_at"]
        verbose_name = _("price")
        verbose_name_plural = _("prices")

    def __str__(self) -> str:
        return f"Price {self.pk}"

    def cost(self, tokens: Tokens) -> int:
        """Give the exact cost in micro-credits."""
        is_long = self.long_prompt_above is not None and tokens.prompt > self.long_prompt_above
        return (self._long_rates() if is_long else self._rates()).cost(tokens)

    def worst(self, input_tokens: int, output_tokens: int) -> int:
        """Give the most that a prompt and an answer of at most these sizes can cost."""
        return max(rates.worst(prompt, output_tokens) for rates, prompt in self._reachable(input_tokens))

    def most_output(self, credit: int, input_tokens: int, wanted: int) -> int:
        """Give the longest answer up to `wanted` that `credit` pays at worst; below 0 when the prompt is too dear."""
        return min(rates.most_output(credit, prompt, wanted) for rates, prompt in self._reachable(input_tokens))

    def _reachable(self, input_tokens: int) -> Iterator[tuple[Rates, int]]:
        """Every tier that a prompt of at most this size may end in, with the largest prompt inside it."""
        above = self.long_prompt_above
        yield self._rates(), input_tokens if above is None else min(input_tokens, above)
        if above is not None and input_tokens > above:
            yield self._long_rates(), input_tokens

    def _rates(self) -> Rates:
        return Rates(self.input, self.cached_input, self.cache_write, self.output)

    def _long_rates(self) -> Rates:
        # The constraint sets all of them together; `or 0` only tells the type checker so.
        return Rates(
            self.long_input or 0, self.long_cached_input or 0, self.long_cache_write or 0, self.long_output or 0
        )


class Hold(models.Model):
    """Credit set aside for the worst case of one run, until the run is settled."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        SETTLED = "settled", _("settled")
        RELEASED = "released", _("released: nothing was charged")

    run = models.UUIDField(_("run"), unique=True, editable=False)
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="holds", db_index=False)
    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField(_("amount"))
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.OPEN)
    placed_at = models.DateTimeField(_("placed"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="hold_is_never_negative"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account", "state"], name="holds_of_an_account"),
            models.Index(fields=["state", "placed_at"], name="open_holds_by_age"),
        ]
        verbose_name = _("hold")
        verbose_name_plural = _("holds")

    def __str__(self) -> str:
        return f"Hold {self.run}"


class LedgerEntry(models.Model):
    """One change of an account's total, never altered: the sum of all entries is what is available and held."""

    class Kind(models.TextChoices):
        GRANT = "grant", _("grant")
        CHARGE = "charge", _("charge")
        ADJUSTMENT = "adjustment", _("adjustment")
        REFUND = "refund", _("refund of what remained")
        WRITE_OFF = "write_off", _("written off when the account closed")

    class Note(models.TextChoices):
        """Why credit was given or taken back, as a code: nobody's words are kept for seven years."""

        SIGN_UP = "sign_up", _("welcome credit")
        DEMO = "demo", _("demo credit")
        GOODWILL = "goodwill", _("goodwill")
        OUTAGE = "outage", _("outage")
        CORRECTION = "correction", _("correction")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    amount = models.BigIntegerField(_("amount"))
    run = models.UUIDField(_("run"), null=True, blank=True, editable=False)
    note = models.CharField(_("reason"), max_length=CODE_LENGTH, choices=Note, blank=True, default="")
    price = models.ForeignKey(Price, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("created"))
    retain_until = models.DateField(_("kept until"))

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(amount=0), name="entry_changes_something"),
            models.UniqueConstraint(fields=["run", "kind"], name="one_entry_per_run_and_kind"),
        ]
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")

    def __str__(self) -> str:
        return f"LedgerEntry {self.uuid}"


class UsageRecord(models.Model):
    """The receipt of one run, never altered: what was used, measured how, and what it cost by which rule."""

    class Source(models.TextChoices):
        PROVIDER = "provider", _("counted by the provider")
        ESTIMATED = "estimated", _("estimated from the text received")
        NONE = "none", _("nothing was used")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    run = models.UUIDField(_("run"), unique=True, editable=False)
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="usage")
    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="+")
    model = models.CharField(_("model"), max_length=MODEL_NAME_LENGTH)
    provider = models.CharField(_("provider"), max_length=CODE_LENGTH)
    input_tokens = models.PositiveBigIntegerField(_("input tokens"))
    cached_tokens = models.PositiveBigIntegerField(_("tokens read from cache"))
    cache_write_tokens = models.PositiveBigIntegerField(_("tokens written to cache"))
    output_tokens = models.PositiveBigIntegerField(_("output tokens"))
    first_token_ms = models.PositiveIntegerField(_("first token after, ms"), null=True, blank=True)
    total_ms = models.PositiveIntegerField(_("took, ms"))
    amount = models.BigIntegerField(_("cost"))
    house_loss = models.BigIntegerField(_("house's loss"), default=0)
    usage_source = models.CharField(_("counted how"), max_length=16, choices=Source)
    rule = models.CharField(_("billing rule"), max_length=CODE_LENGTH)
    error_code = models.CharField(_("error code"), max_length=CODE_LENGTH, blank=True, default="")
    created_at = models.DateTimeField(_("created"))
    retain_until = models.DateField(_("kept until"))

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(amount__gte=0, house_loss__gte=0), name="usage_never_pays_out"),
        ]
        verbose_name = _("usage record")
        verbose_name_plural = _("usage records")

    def __str__(self) -> str:
        return f"UsageRecord {self.uuid}"


class RefundRequest(models.Model):
    """Somebody closes the account and asks for what remains; an operator answers. One open one an account.

    `is_open` is true or NULL, never false: so the database keeps the second open one out on every engine.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("waits for an operator")
        WITHDRAWN = "withdrawn", _("withdrawn: the account stays")
        REFUNDED = "refunded", _("refunded")
        DECLINED = "declined", _("declined: nothing of it was paid for")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="refund_requests")
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.ASKED)
    is_open = models.BooleanField(null=True, default=True, editable=False)
    amount = models.BigIntegerField(_("free when it was asked for"))
    asked_at = models.DateTimeField(_("asked"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "is_open"], name="one_open_refund_per_account"),
        ]
        verbose_name = _("refund request")
        verbose_name_plural = _("refund requests")

    def __str__(self) -> str:
        return f"RefundRequest {self.uuid}"
