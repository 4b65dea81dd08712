"""The page that takes the code of a sign-up: says how many tries are left, and why one is no longer good."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY as STATE
from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from allauth.account.views import ConfirmEmailVerificationCodeView
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

USED_UP = _("After five wrong codes, the one that we sent is used up.")
TOO_OLD = _("That code is more than 15 minutes old and no longer good.")


class EnterCode(ConfirmEmailVerificationCodeView):
    """allauth's page, with a way on where it ends. The same for an address to which no code was sent."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        was_waiting = STATE in request.session
        if was_waiting and not EmailVerificationProcess.resume(request):
            return _way_to_another(request, TOO_OLD)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def form_invalid(self, form: Form) -> HttpResponse:
        """Count a wrong code; an empty field is none."""
        if self._action != "verify" or not form.data.get("code", "").strip():
            return self._shown(form)
        if not self._process.record_invalid_attempt():
            return _way_to_another(self.request, USED_UP)
        left = self._process.max_attempts - self._process.state["failed_attempts"]
        form.add_error("code", ngettext("%d try is left.", "%d tries are left.", left) % left)
        return self._shown(form)

    def _shown(self, form: Form) -> HttpResponse:
        page: HttpResponse = self.render_to_response(self.get_context_data(form=form))
        return page


def _way_to_another(request: HttpRequest, why: str | Promise) -> HttpResponse:
    """Lead to where a fresh code is asked for; who is not signed in yet has to do that first."""
    again = reverse("account_verify")
    if request.user.is_authenticated:
        messages.error(request, str(why))
        return redirect(again)
    messages.error(request, f"{why} {_('Sign in to get another.')}")
    return redirect(f"{reverse('account_login')}?next={again}")


enter_code = EnterCode.as_view()
