"""The page that says what limits an account, why and until when, and takes an appeal."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import measures
from accounts.abuse import appeals, captcha, sanctions
from accounts.abuse.appeals import OpenedAppeal
from accounts.abuse_forms import AppealForm
from accounts.errors import NotAllowed
from accounts.models import Appeal, Sanction, User
from accounts.sign_ins.sessions import signed_in

MOST_SHOWN = 20  # sanctions


@require_safe
@signed_in
def standing(request: HttpRequest, user: User) -> HttpResponse:
    """Show what limits this person now, and what did."""
    return _page(request, user)


def _page(
    request: HttpRequest, user: User, refused: UUID | None = None, form: AppealForm | None = None
) -> HttpResponse:
    now = timezone.now()
    by_time = Prefetch("appeals", Appeal.objects.order_by("made_at"))
    found = Sanction.objects.filter(user=user).select_related("case").prefetch_related(by_time)
    rows = list(found.order_by("-begins_at")[:MOST_SHOWN])
    opened = appeals.read(appeal for row in rows for appeal in row.appeals.all()) if rows else []
    shown = [_shown(row, opened, now, form if row.uuid == refused else None) for row in rows]
    context = {
        "in_force": [item for item in shown if item["is_in_force"]],
        "past": [item for item in shown if not item["is_in_force"]],
        "longest": appeals.LONGEST_TEXT,
        "slow": measures.SLOW_SENDS_PER_MINUTE,
        "proof": captcha.issue(request),
    }
    return render(request, "account/standing.html", context, status=400 if form else 200)


def _shown(row: Sanction, opened: list[OpenedAppeal], now: datetime, form: AppealForm | None) -> dict[str, object]:
    own = [appeal for appeal in opened if appeal.row.sanction_id == row.pk]
    waits = any(appeal.row.state == Appeal.State.OPEN for appeal in own)
    return {
        "row": row,
        "is_in_force": row.is_in_force(now),
        "is_passed": row.passed_until is not None and row.passed_until > now,
        "until": measures.until(row),
        "appeals": own,
        "may_appeal": row.is_in_force(now) and not waits and len(own) < appeals.MOST,
        "form": form,
    }


@require_POST
@signed_in
def appeal(request: HttpRequest, user: User, sanction: UUID) -> HttpResponseBase:
    """Take an objection to one of this person's sanctions."""
    found = get_object_or_404(Sanction, uuid=sanction, user=user)
    form = AppealForm(request.POST)
    if not form.is_valid():
        return _page(request, user, found.uuid, form)
    try:
        appeals.make(found, user, form.cleaned_data["text"], timezone.now())
    except NotAllowed as error:
        messages.error(request, str(error.message))
    else:
        messages.success(
            request, _("Your appeal is with an operator. The answer will stand here, and a mail will say so.")
        )
    return redirect("account_standing")


@require_POST
@signed_in
def check(request: HttpRequest, user: User) -> HttpResponseBase:
    """Take the check that a person is there."""
    if not captcha.is_passed(request):
        messages.error(request, _("That did not count: the form was too old, or sent before. Send this one once more."))
    elif sanctions.pass_check(user, timezone.now()):
        messages.success(request, _("Thank you. You can go on."))
    return redirect("account_standing")
