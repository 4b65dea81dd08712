"""The forms at the doors: allauth's, with a check for persons, our words, and what sign-up must know."""

from __future__ import annotations

import unicodedata
from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.signup import complete_signup
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.core import context
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts import captcha, identity, letters, signup
from accounts.models import User

ADDRESS_MISSING = _("Enter your e-mail address.")
LOGIN_ODD = _("This is too long for a user name or an e-mail address.")
LONGEST_LOGIN = 320  # characters, as Django allows an address
ADDRESS_ODD = _("This is not a complete e-mail address. It looks like name@example.org.")


class ForPersons(forms.Form):
    """A form that shows a check and refuses what does not pass it; `action` names the form."""

    action: captcha.Action

    @cached_property
    def widget(self) -> captcha.Widget:
        """Give the template one fresh check."""
        return captcha.widget(context.request, self.action)

    def require_person(self) -> None:
        """Ask once the rest is well: an answer is good for one try."""
        if self.errors:
            return
        try:
            captcha.require(context.request, self.data, self.action)
        except captcha.Refused as refused:
            raise forms.ValidationError(str(refused.words), code="captcha") from None


class LoginForm(ForPersons, allauth_forms.LoginForm):
    """No password is tried before the check."""

    action = captcha.Action.LOGIN

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Nothing that long is anybody's; to normalise it could take minutes.
        self.fields["login"].validators.append(MaxLengthValidator(LONGEST_LOGIN, LOGIN_ODD))

    def clean(self) -> Any:
        self.require_person()
        return super().clean()

    def _clean_with_password(self, credentials: dict[str, Any]) -> Any:
        # allauth's refuses somebody who just got a code by mail, lest it send another. Signing in sends none: ADR 10.
        adapter = get_adapter(context.request)
        self.user = adapter.authenticate(context.request, **credentials)
        if not self.user:
            raise adapter.validation_error("username_password_mismatch")
        self._login = Login(user=self.user, email=credentials.get("email"))
        return self.cleaned_data


class ResetPasswordForm(ForPersons, allauth_forms.ResetPasswordForm):
    """Answers alike for addresses with and without an account."""

    action = captcha.Action.RESET

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].error_messages |= {"required": ADDRESS_MISSING, "invalid": ADDRESS_ODD}

    def clean(self) -> Any:
        self.require_person()
        return super().clean()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Send the link, but not to an address that is too young to prove anything: it is told so instead."""
        now = timezone.now()
        young = [user for user in self.users if not identity.may_prove_by_mail(user, now)]
        for user in young:
            letters.send_address_too_young(user, now)
        return str(self.cleaned_data["email"] if young else super().save(request, **kwargs))


class SignupForm(ForPersons, allauth_forms.SignupForm):
    """Asks for what an account needs: an address, a name, a password, and two confirmations."""

    action = captcha.Action.SIGNUP
    is_old_enough = forms.BooleanField(
        error_messages={"required": _("Caicaini is for people of 13 and older. Tick this if you are.")}
    )
    accepts_documents = forms.BooleanField(
        error_messages={"required": _("Read the Terms and the privacy policy, and tick this if you accept them.")}
    )
    field_order = ["email", "username", "password1", "is_old_enough", "accepts_documents"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].error_messages |= {"required": ADDRESS_MISSING, "invalid": ADDRESS_ODD}
        self.fields["username"].error_messages["required"] = _("Choose a user name.")
        self.fields["password1"].error_messages["required"] = _("Choose a password.")
        name = self.fields["username"]  # `accounts.names` judges its length, in words of ours
        name.validators = [each for each in name.validators if not isinstance(each, LENGTHS)]

    @property
    def password_hints(self) -> list[str]:
        return password_validators_help_texts()

    def clean_email(self) -> str:
        # No look at who has it: that comes last, and shows in no answer.
        return unicodedata.normalize("NFKC", self.cleaned_data["email"]).lower()

    def clean(self) -> Any:
        cleaned = super().clean()
        self.require_person()
        return cleaned

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse]:
        """Make the account, or act as if; either way the next page asks for a code that went out by mail."""
        asked = dict(self.cleaned_data)
        origin = signup.of_headers(get_adapter(request).address_of(request), request.headers)
        try:
            user = signup.register(asked["username"], asked["email"], asked["password1"], origin, timezone.now())
        except forms.ValidationError as taken:  # since the form was judged
            self.add_error("username", taken)
            return None, render(request, "account/signup.html", {"form": self})
        if user is None:
            return None, perform_login(request, Login(email=asked["email"], signup=True))
        record_authentication(request, user, method="password")  # chosen a moment ago: as good as given at the door
        return user, complete_signup(request, user=user, redirect_url=get_next_redirect_url(request))


LENGTHS = (MinLengthValidator, MaxLengthValidator)
