"""Chat in the operators' console: the catalogue to edit; conversations and runs as ids and states, never words."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from caicaini import audit
from caicaini.admin import CodesFilter, ReadOnlyAdmin
from chat.models import CatalogueModel, Conversation, Run


class LineForm(ModelForm):
    """A line of the list that is edited in place: its fields have no label there but their column's head."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{field.label}: {self.instance.slug}"


@admin.register(CatalogueModel)
class CatalogueModelAdmin(admin.ModelAdmin):
    list_display = (
        "slug",
        "label",
        "provider",
        "vendor_model",
        "context_window",
        "usual_output",
        "is_offered",
        "order",
    )
    list_filter = ("provider", "is_offered")
    list_editable = ("is_offered", "order")
    search_fields = ("slug", "label")

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[ModelForm]:
        form: type[ModelForm] = super().get_changelist_form(request, **{**kwargs, "form": LineForm})
        return form

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        audit.record(
            "catalogue.changed" if change else "catalogue.added",
            now=timezone.now(),
            actor=getattr(request.user, "uuid", None),
            subject_type="chat.CatalogueModel",
            subject=str(obj),
        )


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ("uuid", "model", "created_at", "active_at", "hidden_at")
    list_filter = ("hidden_at", "model")
    search_fields = ("uuid", "owner__uuid")
    fields = ("uuid", "model", "created_at", "active_at", "hidden_at")
    ordering = ("-id",)
    show_full_result_count = False


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = (
        "uuid",
        "model",
        "state",
        "end",
        "rule",
        "error_code",
        "cost",
        "first_token_ms",
        "total_ms",
        "started_at",
    )
    list_filter = ("state", "end", "provider", "model", ("error_code", CodesFilter))
    search_fields = ("uuid", "user__uuid")
    exclude = ("user", "conversation", "message", "reply", "request_id")
    ordering = ("-id",)
    show_full_result_count = False
