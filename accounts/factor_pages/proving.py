"""Proving anew who is there: by password, by a code, by a passkey."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView
from django.http import HttpResponse
from django.utils.translation import gettext as _


class PasskeyAgainView(ReauthenticateWebAuthnView):
    """Says on the page itself that a passkey was not accepted; allauth's own leaves it."""

    def form_invalid(self, form: Any) -> HttpResponse:
        refused = _("That passkey was not accepted. Try again, or use another way.")
        answer: HttpResponse = self.render_to_response(self.get_context_data(form=form, refused=refused))
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return {**found, "form": self.get_form_class()(user=self.request.user), **kwargs}


passkey = PasskeyAgainView.as_view()
