"""Who you are: user name, address, password, colours."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, password_reset
from allauth.account.views import PasswordChangeView
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import identity
from accounts.errors import IdentityError
from accounts.models import User
from accounts.pages.forms import AddressForm, CodeForm, NameForm, NewPasswordForm
from accounts.sign_ins.sessions import signed_in
from accounts.stepup import step_up

password_form = PasswordChangeView.as_view(extra_context={"part": "account"})
read_or_write = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@signed_in
def profile(request: HttpRequest, user: User) -> HttpResponse:
    """Show who the account belongs to, and what may be changed about it."""
    now = timezone.now()
    waiting = identity.open_change(user, now)
    return render(
        request,
        "account/profile.html",
        {"person": user, "waiting": waiting, "proves": identity.may_prove_by_mail(user, now)},
    )


@read_or_write
@signed_in
def name(request: HttpRequest, user: User) -> HttpResponse:
    """Change the user name."""
    form = NameForm(user, request.POST or None, initial={"username": user.username})
    if _is_done(form, "username", partial(identity.rename, user)):
        if form.has_changed():
            messages.success(request, _("Your user name is changed."))
        return redirect("account")
    return render(request, "account/name.html", {"form": form, "person": user, "part": "account"})


@read_or_write
@signed_in
@step_up
def address(request: HttpRequest, user: User) -> HttpResponse:
    """Ask for another address; a code goes to it."""
    form = AddressForm(user, request.POST or None)
    if _is_done(form, "email", partial(identity.ask_for_address, user, now=timezone.now())):
        return redirect("account_address_confirm")
    return render(request, "account/address.html", {"form": form, "person": user, "part": "account"})


@read_or_write
@signed_in
@step_up
def confirm_address(request: HttpRequest, user: User) -> HttpResponse:
    """Take the code and make the new address the account's."""
    now = timezone.now()
    waiting = identity.open_change(user, now)
    if waiting is None:
        messages.warning(request, _("No change of address waits for a code. Ask for one."))
        return redirect("account_address")
    form = CodeForm(request.POST or None)
    if _is_done(form, "code", partial(identity.confirm_address, user, now=now)):
        _tell_of_new_address(request, user)
        messages.success(request, _("Your address is changed. Your other devices are signed out."))
        return redirect("account")
    return render(request, "account/address_code.html", {"form": form, "waiting": waiting, "part": "account"})


def _is_done(form: Form, field: str, act: Callable[[str], None]) -> bool:
    """Do with a field's value what the form asks for; what is refused stands at the field."""
    if not form.is_valid():
        return False
    try:
        act(form.cleaned_data[field])
    except IdentityError as error:
        form.add_error(field, str(error.message))
        return False
    return True


def _tell_of_new_address(request: HttpRequest, user: User) -> None:
    """Let those know who follow allauth's signal: the other sign-ins end, a reset of the second factor is void."""
    address = EmailAddress.objects.get_primary(user)
    email_changed.send(
        sender=EmailAddress, request=request, user=user, from_email_address=None, to_email_address=address
    )


@read_or_write
@sensitive_post_parameters("password")
def undo_address(request: HttpRequest, uuid: UUID, token: str) -> HttpResponse:
    """Give the account back to the address that this link was sent to. Nothing happens before the form is sent."""
    now = timezone.now()
    change = identity.find_undoable(uuid, token, now)
    form = NewPasswordForm(change.user, request.POST or None)
    if form.is_valid():
        user = identity.undo_address(change, form.cleaned_data["password"], now)
        password_reset.send(sender=User, request=request, user=user)
        messages.success(request, _("The account is back at this address. Sign in with the new password."))
        return redirect("account_login")
    return render(request, "account/address_undo.html", {"form": form, "change": change})


@read_or_write
@signed_in
@step_up
def password(request: HttpRequest, user: User) -> HttpResponseBase:
    """Change the password: allauth's own page, in this frame."""
    answer: HttpResponseBase = password_form(request)
    return answer
