"""Misuse in the operators' console: what was noticed, cases to decide, what limits whom, appeals to answer."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.abuse import appeals, cases, sanctions, scores
from accounts.abuse_forms import AnswerForm, DecisionForm
from accounts.errors import NotAllowed, NotSignedIn
from accounts.models import AbuseCase, AbuseSignal, Appeal, Sanction, SignalKind, User
from accounts.sign_ins.sessions import identify
from caicaini.admin import ReadOnlyAdmin


def operator(request: HttpRequest) -> User:
    """Give who acts; the console is closed to everybody else already."""
    user = identify(request)
    if user is None:
        raise NotSignedIn
    return user


class JudgingAdmin(ReadOnlyAdmin):
    """A table whose rows are judged on a page of their own."""

    show_full_result_count = False
    actions: Any = None

    def may_judge(self, request: HttpRequest) -> bool:
        return bool(operator(request).has_perm(f"accounts.change_{self.opts.model_name}"))

    def answer_page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "may_judge": self.may_judge(request)}
        return TemplateResponse(request, template, {**shared, **context})

    def fetch(self, request: HttpRequest, object_id: str) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not object_id.isdecimal():
            object_id = "0"
        row = get_object_or_404(self.get_queryset(request), pk=object_id)
        if request.method == "POST" and not self.may_judge(request):
            raise PermissionDenied
        return row

    def back(self) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse(f"admin:accounts_{self.opts.model_name}_changelist"))


@admin.register(AbuseSignal)
class AbuseSignalAdmin(ReadOnlyAdmin):
    list_display = ("at", "kind", "weight", "person", "evidence")
    list_filter = ("kind", "at")
    list_select_related = ("user",)
    search_fields = ("user__uuid", "evidence")
    ordering = ("-pk",)
    show_full_result_count = False

    @admin.display(description=gettext_lazy("person"))
    def person(self, row: AbuseSignal) -> str:
        return str(row.user.uuid)


@admin.register(AbuseCase)
class AbuseCaseAdmin(JudgingAdmin):
    list_display = ("opened_at", "state", "person", "score", "why", "decision", "reason", "decided_at")
    list_filter = ("state", "decision", "opened_at")
    list_select_related = ("user",)
    search_fields = ("user__uuid",)
    ordering = ("-state", "opened_at")

    @admin.display(description=gettext_lazy("person"))
    def person(self, row: AbuseCase) -> str:
        return str(row.user.uuid)

    @admin.display(description=gettext_lazy("reasons"))
    def why(self, row: AbuseCase) -> str:
        return ", ".join(row.reasons)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a case, and decide it."""
        case: AbuseCase = self.fetch(request, object_id)
        form = DecisionForm(request.POST) if request.method == "POST" else DecisionForm()
        if form.is_bound and form.is_valid() and self._decide(request, case, form):
            return self.back()
        now = timezone.now()
        found = scores.of(case.user, now)
        kinds = cases.counts(case)
        return self.answer_page(
            request,
            "admin/accounts/abuse_case.html",
            title=_("Case %(number)s") % {"number": case.pk},
            case=case,
            score=round(found.total),
            signals=[(kind.label, count, round(found.by_kind.get(kind, 0))) for kind, count in kinds.items()],
            reasons=[SignalKind(kind).label for kind in case.reasons],
            sanctions=case.user.sanctions.order_by("-begins_at")[:20],
            now=now,
            form=form,
        )

    def _decide(self, request: HttpRequest, case: AbuseCase, form: DecisionForm) -> bool:
        wanted = form.cleaned_data
        try:
            cases.decide(
                case,
                wanted["decision"],
                operator(request),
                timezone.now(),
                reason=wanted["reason"],
                expires_at=wanted["expires_at"],
                note=wanted["note"],
            )
        except NotAllowed as error:
            form.add_error(None, str(error.message))
            return False
        messages.success(request, _("The case is decided."))
        return True


@admin.register(Sanction)
class SanctionAdmin(ReadOnlyAdmin):
    list_display = ("begins_at", "kind", "reason", "person", "is_by_machine", "expires_at", "lifted_at")
    list_filter = ("kind", "reason", "begins_at")
    list_select_related = ("user",)
    search_fields = ("uuid", "user__uuid")
    ordering = ("-pk",)
    show_full_result_count = False
    actions = ("lift",)

    @admin.display(description=gettext_lazy("person"))
    def person(self, row: Sanction) -> str:
        return str(row.user.uuid)

    @admin.display(description=gettext_lazy("by a program"), boolean=True)
    def is_by_machine(self, row: Sanction) -> bool:
        return row.is_by_machine

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return bool(operator(request).has_perm("accounts.change_sanction"))

    @admin.action(description=gettext_lazy("Lift"), permissions=["lift"])
    def lift(self, request: HttpRequest, chosen: QuerySet[Sanction]) -> None:
        """End what was chosen; the people are told."""
        count = 0
        for sanction in chosen.select_related("user", "case"):
            try:
                sanctions.lift(sanction, operator(request), timezone.now())
                count += 1
            except NotAllowed as error:
                messages.error(request, str(error.message))
        if count:
            text = ngettext("%(count)s sanction is lifted.", "%(count)s sanctions are lifted.", count)
            messages.success(request, text % {"count": count})


@admin.register(Appeal)
class AppealAdmin(JudgingAdmin):
    list_display = ("made_at", "state", "against", "person", "answered_at")
    list_filter = ("state", "made_at")
    list_select_related = ("sanction__user", "sanction__case")
    search_fields = ("uuid", "sanction__user__uuid")
    ordering = ("-state", "made_at")

    @admin.display(description=gettext_lazy("against"))
    def against(self, row: Appeal) -> str:
        return str(row.sanction.get_kind_display())

    @admin.display(description=gettext_lazy("person"))
    def person(self, row: Appeal) -> str:
        return str(row.sanction.user.uuid)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an appeal, which is put on record, and answer it."""
        row: Appeal = self.fetch(request, object_id)
        form = AnswerForm(request.POST) if request.method == "POST" else AnswerForm()
        if form.is_bound and form.is_valid() and self._answer(request, row, form):
            return self.back()
        try:
            opened = appeals.read_for_operator(row, operator(request), timezone.now())
        except NotAllowed as error:
            messages.error(request, str(error.message))
            return self.back()
        return self.answer_page(
            request, "admin/accounts/appeal.html", title=_("Appeal"), appeal=opened, sanction=row.sanction, form=form
        )

    def _answer(self, request: HttpRequest, row: Appeal, form: AnswerForm) -> bool:
        wanted = form.cleaned_data
        try:
            is_granted = wanted["is_granted"] == "yes"
            appeals.answer(row, operator(request), wanted["text"], timezone.now(), is_granted=is_granted)
        except NotAllowed as error:
            form.add_error(None, str(error.message))
            return False
        messages.success(request, _("The appeal is answered."))
        return True


@admin.action(description=gettext_lazy("Open an abuse case"), permissions=["open_case"])
def open_case(_admin: admin.ModelAdmin, request: HttpRequest, people: QuerySet[User]) -> HttpResponse | None:
    """Open a case that no score asks for; a second one is the first."""
    case: AbuseCase | None = None
    for person in people:
        try:
            case = cases.open_by_hand(person, operator(request), timezone.now())
        except NotAllowed as error:
            messages.error(request, str(error.message))
    return HttpResponseRedirect(reverse("admin:accounts_abusecase_change", args=[case.pk])) if case else None
