"""Filters of billing's lists in the console: the two questions that an operator asks of the books."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from billing.models import LedgerAccount, UsageRecord


class BooksFilter(admin.SimpleListFilter):
    """The accounts whose balance and rows do not agree."""

    title = _("books")
    parameter_name = "books"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, Any]]:
        return [("differ", _("differ"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LedgerAccount]) -> QuerySet[LedgerAccount]:
        if self.value() != "differ":
            return queryset
        return queryset.filter(pk__in=LedgerAccount.objects.that_differ().values("pk"))


class HouseLossFilter(admin.SimpleListFilter):
    """The runs that cost more than was held for them: the estimate was too low."""

    title = _("house's loss")
    parameter_name = "loss"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, Any]]:
        return [("yes", _("beyond the hold"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[UsageRecord]) -> QuerySet[UsageRecord]:
        return queryset.filter(house_loss__gt=0) if self.value() == "yes" else queryset
