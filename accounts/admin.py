"""People in the operators' console: what may be seen and changed about an account."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from allauth.account import admin as allauth_admin
from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from accounts import looks, outbox
from accounts.abuse_admin import open_case
from accounts.factor_admin import reset_factors
from accounts.models import OutboxMail, User
from accounts.outbox import dead_letters
from accounts.sign_ins import tokens
from accounts.sign_ins.sessions import identify
from caicaini import audit
from caicaini.admin import CodesFilter, ReadOnlyAdmin

MOST_AT_ONCE = 500  # rows in one go
RIGHTS = ("is_staff", "groups")

assert allauth_admin  # its registration, which comes with the import, is the one that goes
admin.site.unregister(EmailAddress)  # whoever writes there gets the next link to a new password, and nobody is told


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ("uuid", "username", "is_active", "is_staff", "date_joined", "closing_at", "restricted_at")
    list_filter = ("is_active", "is_staff", "date_joined")
    search_fields = ("uuid", "username_key", "email_key")
    ordering = ("-date_joined",)
    actions = (open_case, reset_factors, "end_sign_ins")
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

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Let superusers alone say who is an operator, and of which kind: others could give themselves every right."""
        return self.readonly_fields if request.user.is_superuser else (*self.readonly_fields, *RIGHTS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Note that an operator looked: the account's owner is shown that, without a name."""
        answer = super().change_view(request, object_id, form_url, extra_context)
        looked_at, operator = self.get_object(request, object_id), identify(request)
        if request.method == "GET" and looked_at and operator and answer.status_code == HTTPStatus.OK:
            looks.record(looked_at, operator, timezone.now())
        return answer

    def has_reset_factors_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_open_case_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("accounts.add_abusecase"))

    @admin.action(description=gettext_lazy("End all sign-ins"), permissions=["change"])
    def end_sign_ins(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Sign people out everywhere, of whom something is feared; noted for each."""
        now, count = timezone.now(), 0
        for person in people[:MOST_AT_ONCE]:
            ended = tokens.end_all(person, tokens.End.STAFF, now)
            outbox.post("sign_ins_ended", person.email, person, now)
            actor = getattr(request.user, "uuid", None)
            subject = str(person.uuid)
            audit.record(
                "account.signed_out", now=now, actor=actor, subject_type="accounts.User", subject=subject, count=ended
            )
            count += ended
        messages.info(request, ngettext("%d sign-in was ended.", "%d sign-ins were ended.", count) % count)

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        now = timezone.now()
        if {"is_active", "is_staff"} & set(form.changed_data):
            tokens.end_all(obj, tokens.End.STAFF, now)  # their sockets, and lifetimes that an operator may not have
        audit.record(
            "account.changed",
            now=now,
            actor=getattr(request.user, "uuid", None),
            subject_type="accounts.User",
            subject=str(obj.uuid),
            is_active=obj.is_active,
            is_staff=obj.is_staff,
            changed=",".join(form.changed_data),
        )


@admin.register(OutboxMail)
class OutboxMailAdmin(ReadOnlyAdmin):
    """What is sent and what is not; never to whom, nor what it says."""

    list_display = ("uuid", "kind", "state", "attempts", "code", "created_at", "due_at", "tried_at", "ended_at")
    list_filter = ("state", "kind", ("code", CodesFilter), "created_at")
    search_fields = ("uuid",)
    ordering = ("-pk",)
    show_full_result_count = False
    actions = ("try_again",)
    fields = readonly_fields = (*list_display, "expires_at", "met_outage")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMail]:
        return super().get_queryset(request).defer("address", "context")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_outboxmail")

    @admin.action(description=gettext_lazy("Try dead letters again"), permissions=["retry"])
    def try_again(self, request: HttpRequest, mails: QuerySet[OutboxMail]) -> None:
        actor = getattr(request.user, "uuid", None)
        count = dead_letters.try_again(mails.filter(state=OutboxMail.State.DEAD)[:MOST_AT_ONCE], timezone.now(), actor)
        text = ngettext("%(count)s mail is tried again.", "%(count)s mails are tried again.", count)
        messages.info(request, text % {"count": count})
