"""Second factors in the operators' console: nobody sees or deletes one there, a colleague's can be reset on record."""

from __future__ import annotations

from allauth.mfa import admin as allauth_admin
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import stepup
from accounts.errors import NotAllowed
from accounts.factors import resets
from accounts.models import FactorReset, User
from caicaini.admin import ReadOnlyAdmin

assert allauth_admin  # its registration, which comes with the import, is the one that goes
admin.site.unregister(Authenticator)


@admin.register(FactorReset)
class FactorResetAdmin(ReadOnlyAdmin):
    list_display = ("uuid", "user", "requested_at", "due_at", "link_until", "end")
    list_filter = ("end", "requested_at")
    list_select_related = ("user",)
    fields = ("uuid", "user", "requested_at", "due_at", "link_until", "cancelled_at", "done_at", "end")
    search_fields = ("uuid", "user__uuid")
    ordering = ("-requested_at",)


@admin.action(description=gettext_lazy("Reset the second factor of another operator"), permissions=["reset_factors"])
def reset_factors(model_admin: admin.ModelAdmin, request: HttpRequest, users: QuerySet[User]) -> HttpResponse | None:
    """Remove operators' factors, on record; with recent proof, for afterwards a password alone opens the account."""
    operator = request.user
    assert isinstance(operator, User)
    page = stepup.missing(request, operator, timezone.now())
    if page:
        messages.warning(request, _("Confirmed: now choose the action again."))
        return redirect(f"{reverse(page)}?{urlencode({'next': request.path})}")
    for user in users:
        try:
            resets.by_operator(user, operator, timezone.now())
        except NotAllowed as refusal:
            messages.error(request, f"{user}: {refusal.message}")
        else:
            messages.success(request, _("%(user)s: the second factor is removed.") % {"user": user})
    return None
