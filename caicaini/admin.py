"""The kernel's tables in the console, to read only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.translation import gettext as _

from caicaini.models import AuditEvent, JobSlot


class CodesFilter(admin.AllValuesFieldListFilter):
    """Filters by the codes that occur; the link for rows without one says so, where Django's has no text at all."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or _("none")}


class ReadOnlyAdmin(admin.ModelAdmin):
    """A table that operators look at and nobody changes by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(JobSlot)
class JobSlotAdmin(ReadOnlyAdmin):
    list_display = ("job", "slot", "claimed_at", "finished_at", "count")
    list_filter = ("job",)
    ordering = ("-slot",)
    show_full_result_count = False


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("sequence", "at", "action", "actor", "subject_type", "subject")
    list_filter = ("action", "subject_type")
    search_fields = ("actor", "subject")
    show_full_result_count = False
