"""Billing in the operators' console: the books to read, prices to add, credit to give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.errors import NotSignedIn
from accounts.models import User
from accounts.sign_ins.sessions import identify
from billing import refunds
from billing.accounts import grant_by_staff
from billing.admin_filters import BooksFilter, HouseLossFilter
from billing.credits import exact_credits, format_credits
from billing.errors import InsufficientCredit
from billing.forms import GrantForm, PriceForm
from billing.models import Hold, LedgerAccount, LedgerEntry, Price, RefundRequest, UsageRecord
from caicaini import audit
from caicaini.admin import CodesFilter, ReadOnlyAdmin

MOST_ACCOUNTS = 100  # in one grant
Column = Callable[[object, Model], str]


def credits_of(field: str, label: Any, write: Callable[[int], str] = format_credits) -> Column:
    """Make a column that shows a field's micro-credits as credits."""

    @admin.display(description=label, ordering=field)
    def column(_admin: object, row: Model) -> str:
        return write(getattr(row, field))

    return column


def operator(request: HttpRequest) -> User:
    """Give who acts; the console is closed to everybody else already."""
    user = identify(request)
    if user is None:
        raise NotSignedIn
    return user


@admin.register(LedgerAccount)
class LedgerAccountAdmin(ReadOnlyAdmin):
    list_display = ("uuid", "available_credits", "held_credits", "agrees", "opened_at")
    list_filter = (BooksFilter, "opened_at")
    search_fields = ("uuid", "link__user__uuid")
    ordering = ("-pk",)
    show_full_result_count = False
    actions = ("grant_credits",)
    fields = readonly_fields = (
        *("uuid", "owner", "opened_at", "agrees"),
        *("exactly_available", "exactly_held", "exactly_entered", "exactly_open_holds"),
    )
    available_credits = credits_of("available", gettext_lazy("available"))
    held_credits = credits_of("held", gettext_lazy("held"))
    exactly_available = credits_of("available", gettext_lazy("available"), exact_credits)
    exactly_held = credits_of("held", gettext_lazy("held"), exact_credits)
    exactly_entered = credits_of("entered", gettext_lazy("sum of the entries"), exact_credits)
    exactly_open_holds = credits_of("open_holds", gettext_lazy("sum of the open holds"), exact_credits)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerAccount]:
        return LedgerAccount.objects.with_sums().select_related("link__user")

    @admin.display(description=gettext_lazy("books agree"), boolean=True)
    def agrees(self, account: Any) -> bool:
        return bool(account.entered == account.available + account.held and account.open_holds == account.held)

    @admin.display(description=gettext_lazy("owner"), empty_value="-")
    def owner(self, account: LedgerAccount) -> str | None:
        return str(account.link.user.uuid) if hasattr(account, "link") else None

    def has_grant_permission(self, request: HttpRequest) -> bool:
        return bool(operator(request).has_perm("billing.add_ledgerentry"))

    @admin.action(description=gettext_lazy("Give or take back credit"), permissions=["grant"])
    def grant_credits(self, request: HttpRequest, accounts: QuerySet[LedgerAccount]) -> HttpResponse | None:
        """Ask how much and why, then do it: the second request carries the form."""
        chosen = list(accounts[: MOST_ACCOUNTS + 1])
        if len(chosen) > MOST_ACCOUNTS:
            messages.error(request, _("Choose at most %(count)s accounts.") % {"count": MOST_ACCOUNTS})
            return None
        form = GrantForm(request.POST) if "apply" in request.POST else GrantForm()
        if form.is_valid() and self._grant(request, chosen, form):
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Give or take back credit"),
            "opts": self.opts,
            "form": form,
            "accounts": chosen,
        }
        return TemplateResponse(request, "admin/billing/grant_credits.html", context)

    def _grant(self, request: HttpRequest, accounts: list[LedgerAccount], form: GrantForm) -> bool:
        wanted = form.cleaned_data
        try:
            changed = grant_by_staff(
                accounts,
                form.micro,
                wanted["note"],
                timezone.now(),
                key=wanted["request_id"],
                actor=operator(request).uuid,
            )
        except InsufficientCredit:
            form.add_error("credits", _("At least one account has less than that free. Nothing was changed."))
            return False
        text = ngettext("%(count)s account was changed.", "%(count)s accounts were changed.", changed)
        messages.success(request, text % {"count": changed})
        return True


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_display = ("uuid", "account", "kind", "amount_credits", "note", "run", "created_at")
    list_filter = ("kind", "note", "created_at")
    list_select_related = ("account",)
    search_fields = ("uuid", "run", "account__uuid")
    ordering = ("-pk",)
    show_full_result_count = False
    amount_credits = credits_of("amount", gettext_lazy("amount"))


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    list_display = ("run", "account", "amount_credits", "state", "placed_at", "ended_at")
    list_filter = ("state", "placed_at")
    list_select_related = ("account",)
    search_fields = ("run", "account__uuid")
    ordering = ("-pk",)
    show_full_result_count = False
    amount_credits = credits_of("amount", gettext_lazy("amount"))


@admin.register(UsageRecord)
class UsageRecordAdmin(ReadOnlyAdmin):
    list_display = (
        *("created_at", "model", "cost", "prompt_tokens", "answer_tokens", "loss", "took_ms", "usage_source", "rule"),
        *("error_code", "run"),
    )
    list_filter = (
        HouseLossFilter,
        "model",
        "provider",
        "usage_source",
        "rule",
        ("error_code", CodesFilter),
        "created_at",
    )
    search_fields = ("uuid", "run", "account__uuid")
    ordering = ("-pk",)
    show_full_result_count = False
    cost = credits_of("amount", gettext_lazy("cost"))
    loss = credits_of("house_loss", gettext_lazy("house's loss"))

    @admin.display(description=gettext_lazy("prompt"))
    def prompt_tokens(self, record: UsageRecord) -> int:
        return record.input_tokens + record.cached_tokens + record.cache_write_tokens

    @admin.display(description=gettext_lazy("answer"), ordering="output_tokens")
    def answer_tokens(self, record: UsageRecord) -> int:
        return record.output_tokens

    @admin.display(description=gettext_lazy("ms"), ordering="total_ms")
    def took_ms(self, record: UsageRecord) -> int:
        return record.total_ms


@admin.register(RefundRequest)
class RefundRequestAdmin(ReadOnlyAdmin):
    """Who asked for what remained. Pay first, then mark it: that takes the credits out of the account."""

    list_display = ("uuid", "account", "asked_for", "free_now", "state", "asked_at", "answered_at")
    list_filter = ("state", "asked_at")
    list_select_related = ("account",)
    search_fields = ("uuid", "account__uuid", "account__link__user__uuid")
    ordering = ("-pk",)
    actions = ("mark_refunded", "decline")
    asked_for = credits_of("amount", gettext_lazy("free when it was asked for"))

    @admin.display(description=gettext_lazy("free now"))
    def free_now(self, row: RefundRequest) -> str:
        return format_credits(row.account.available)

    def has_answer_permission(self, request: HttpRequest) -> bool:
        return bool(operator(request).has_perm("billing.add_ledgerentry"))

    @admin.action(description=gettext_lazy("Mark as refunded: takes the credits"), permissions=["answer"])
    def mark_refunded(self, request: HttpRequest, rows: QuerySet[RefundRequest]) -> None:
        self._answer(request, rows, RefundRequest.State.REFUNDED)

    @admin.action(description=gettext_lazy("Decline: nothing of it was paid for"), permissions=["answer"])
    def decline(self, request: HttpRequest, rows: QuerySet[RefundRequest]) -> None:
        self._answer(request, rows, RefundRequest.State.DECLINED)

    def _answer(self, request: HttpRequest, rows: QuerySet[RefundRequest], state: RefundRequest.State) -> None:
        now, actor = timezone.now(), operator(request).uuid
        changed = sum(refunds.answer(row, state, now, actor) for row in rows)
        text = ngettext("%(count)s request was answered.", "%(count)s requests were answered.", changed)
        messages.success(request, text % {"count": changed})


@admin.register(Price)
class PriceAdmin(admin.ModelAdmin):
    """A price in effect is history: it can be followed by another one, not changed."""

    form = PriceForm
    list_display = ("model", "effective_at", "per_input", "per_cached", "per_write", "per_output", "long_prompt_above")
    list_filter = ("model",)
    ordering = ("model", "-effective_at")
    actions = None
    per_input = credits_of("input", gettext_lazy("credits per million: input"))
    per_cached = credits_of("cached_input", gettext_lazy("from cache"))
    per_write = credits_of("cache_write", gettext_lazy("to cache"))
    per_output = credits_of("output", gettext_lazy("output"))

    def has_change_permission(self, request: HttpRequest, obj: Price | None = None) -> bool:
        return super().has_change_permission(request, obj) and not _has_started(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Price | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _has_started(obj)

    def save_model(self, request: HttpRequest, obj: Price, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        _record(request, "price.changed" if change else "price.added", obj)

    def delete_model(self, request: HttpRequest, obj: Price) -> None:
        _record(request, "price.deleted", obj)
        super().delete_model(request, obj)


def _has_started(price: Price | None) -> bool:
    return price is not None and price.effective_at <= timezone.now()


def _record(request: HttpRequest, action: str, price: Price) -> None:
    audit.record(
        action,
        now=timezone.now(),
        actor=operator(request).uuid,
        subject_type="billing.Price",
        subject=str(price.pk),
        model=price.model,
        input=price.input,
        output=price.output,
    )
