"""The forms of the account's pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import names
from accounts.models import User, normalised


class NameForm(forms.Form):
    """Another user name."""

    username = forms.CharField(
        label=_("User name"),
        max_length=names.LONGEST,
        help_text=_("3 to 40 letters, digits, dots, hyphens and underscores. You can sign in with it."),
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_username(self) -> str:
        return names.chosen(self.cleaned_data["username"], self.user)


class AddressForm(forms.Form):
    """Another e-mail address."""

    email = forms.EmailField(
        label=_("New e-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if normalised(email) == self.user.email_key:
            raise ValidationError(_("This is your address already."))
        return email


class CodeForm(forms.Form):
    """The code that was sent to the new address."""

    code = forms.CharField(
        label=_("Code"),
        max_length=16,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split())


class NewPasswordForm(forms.Form):
    """A new password, for whoever takes an account back."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_("10 characters or more; several words are easy to remember."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self.user)
        return password


class CloseForm(forms.Form):
    """The user name, typed by whoever means it."""

    confirmation = forms.CharField(
        label=_("Type your user name to confirm"),
        max_length=names.LONGEST,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_confirmation(self) -> str:
        typed: str = self.cleaned_data["confirmation"]
        if normalised(typed) != self.user.username_key:
            raise ValidationError(_("This is not your user name."))
        return typed
