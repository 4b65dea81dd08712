"""Adding, replacing and removing second factors: allauth's views behind our own step-up and rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as code_views
from allauth.mfa.signals import authenticator_reset
from allauth.mfa.totp import views as app_views
from allauth.mfa.totp.internal.auth import TOTP, clear_totp_secret
from allauth.mfa.webauthn import views as passkey_views
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic.edit import FormView

from accounts.factors import rules
from accounts.models import User
from accounts.sign_ins.sessions import signed_in
from accounts.stepup import step_up

P = ParamSpec("P")
UserView = Callable[Concatenate[HttpRequest, User, P], HttpResponseBase]
Type = Authenticator.Type


def enrolling(view: UserView[P]) -> UserView[P]:
    """Let people add a factor whose address is confirmed, with recent proof."""

    @wraps(view)
    def wrapped(request: HttpRequest, user: User, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if rules.may_enrol(user):
            return step_up(view)(request, user, *args, **kwargs)
        messages.error(request, _("Confirm your e-mail address first: it is the way back if a second factor is lost."))
        return redirect("account_security")

    return wrapped


class ReplaceAppView(app_views.ActivateTOTPView):
    """Sets up another app in the place of the present one: at no time there is none."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return FormView.dispatch(self, request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        user = self.request.user
        with transaction.atomic():
            Authenticator.objects.filter(user=user, type=Type.TOTP).delete()
            factor = TOTP.activate(user, form.secret).instance
        clear_totp_secret(self.request)
        authenticator_reset.send(sender=Authenticator, request=self.request, user=user, authenticator=factor)
        messages.success(self.request, _("The new app is set up; codes of the former one are worth nothing any more."))
        return redirect("account_security")


@signed_in
@enrolling
def add_app(request: HttpRequest, user: User) -> HttpResponseBase:
    with _one_at_a_time(user):  # MariaDB knows no conditional constraint: two forms at once would make two apps
        has_one = Authenticator.objects.filter(user=user, type=Type.TOTP).exists()
        view = ReplaceAppView.as_view() if has_one else app_views.activate_totp
        answer: HttpResponseBase = view(request)
        return answer


@signed_in
@enrolling
def add_passkey(request: HttpRequest, user: User) -> HttpResponseBase:
    with _one_at_a_time(user):  # two sets of recovery codes, likewise
        answer: HttpResponseBase = passkey_views.add_webauthn(request)
        return answer


@signed_in
@step_up
def remove_app(request: HttpRequest, user: User) -> HttpResponseBase:
    factor = get_object_or_404(Authenticator, user=user, type=Type.TOTP)
    return _removed(request, user, factor, app_views.deactivate_totp)


@signed_in
@step_up
def remove_passkey(request: HttpRequest, user: User, pk: int) -> HttpResponseBase:
    factor = get_object_or_404(Authenticator, user=user, type=Type.WEBAUTHN, pk=pk)
    return _removed(request, user, factor, passkey_views.remove_webauthn, pk=pk)


@contextmanager
def _one_at_a_time(user: User) -> Iterator[None]:
    """Have nobody else change this person's factors meanwhile."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        yield


def _removed(
    request: HttpRequest, user: User, factor: Authenticator, view: Callable[..., HttpResponseBase], **key: int
) -> HttpResponseBase:
    """Remove a factor unless it is an operator's last one; two requests for the last two come one after the other."""
    with _one_at_a_time(user):
        if rules.may_remove(user, factor):
            return view(request, **key)
    messages.error(request, _("Operators keep at least one second factor. Add another one first, or replace this one."))
    return redirect("account_security")


@signed_in
@step_up
def rename_passkey(request: HttpRequest, user: User, pk: int) -> HttpResponseBase:
    answer: HttpResponseBase = passkey_views.edit_webauthn(request, pk=pk)
    return answer


@signed_in
@step_up
def show_codes(request: HttpRequest, user: User) -> HttpResponseBase:
    answer: HttpResponseBase = code_views.view_recovery_codes(request)
    return answer


@signed_in
@step_up
def new_codes(request: HttpRequest, user: User) -> HttpResponseBase:
    answer: HttpResponseBase = code_views.generate_recovery_codes(request)
    return answer
