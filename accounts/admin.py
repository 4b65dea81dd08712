"""People in the operators' console: what may be seen and changed about an account."""

from __future__ import annotations

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from accounts.abuse_admin import open_case
from accounts.models import User
from caicaini import audit


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ("uuid", "username", "is_active", "is_staff", "date_joined", "closing_at", "restricted_at")
    list_filter = ("is_active", "is_staff", "date_joined")
    search_fields = ("uuid", "username_key", "email_key")
    ordering = ("-date_joined",)
    actions = (open_case,)
    fields = (
        "uuid",
        "username",
        "email",
        "is_active",
        "is_staff",
        "groups",
        "date_joined",
        "closing_at",
        "restricted_at",
    )
    readonly_fields = ("uuid", "username", "email", "date_joined", "closing_at", "restricted_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def has_open_case_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("accounts.add_abusecase"))

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        audit.record(
            "account.changed",
            now=timezone.now(),
            actor=getattr(request.user, "uuid", None),
            subject_type="accounts.User",
            subject=str(obj.uuid),
            is_active=obj.is_active,
            is_staff=obj.is_staff,
            changed=",".join(form.changed_data),
        )
