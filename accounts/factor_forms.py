"""allauth's forms for second factors, with codes that are good once and secrets that are sealed while they wait."""

from __future__ import annotations

import struct
from typing import Any
from uuid import UUID

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, generate_totp_secret
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from accounts.factors import codes, sealing
from accounts.models import User
from caicaini.crypto import UnreadableError

NAME_LENGTH = 60


class GoodOnce:
    """Takes a code of the app or a recovery code; attempts are counted by person, whatever they try."""

    user: User
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        forgive = check_rate_limit(self.user)
        code: str = self.cleaned_data["code"]
        factor = codes.use(self.user, code, timezone.now())
        if factor is None:
            raise get_adapter().validation_error("wrong_code")  # what allauth calls incorrect_code says so of passkeys
        forgive()
        self.authenticator = factor
        return code


class CodeForm(GoodOnce, AuthenticateForm):
    """At sign-in."""


class CodeAgainForm(GoodOnce, ReauthenticateForm):
    """For what needs recent proof."""


class AddAppForm(ActivateTOTPForm):
    """Sets up an app. Until the first code was right its secret lies in the session: sealed there as well."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user = kwargs.pop("user")
        forms.Form.__init__(self, *args, **kwargs)
        self.secret = (self._waiting() if self.is_bound else "") or self._begin()

    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()
        except forms.ValidationError as refused:
            if refused.code == "incorrect_code":
                raise get_adapter().validation_error("wrong_code") from refused
            raise
        return code

    def _waiting(self) -> str:
        try:
            return sealing.unseal(context.request.session.get(SECRET_SESSION_KEY, ""))
        except UnreadableError:
            return ""

    def _begin(self) -> str:
        secret: str = generate_totp_secret()
        context.request.session[SECRET_SESSION_KEY] = sealing.seal(secret)
        return secret


class PasskeyField(forms.JSONField):
    """What a browser says of a passkey; allauth lets some of what is none pass, and breaks on it later."""

    widget = forms.HiddenInput

    def __init__(self, shape: type[AuthenticationResponse] | type[RegistrationResponse]) -> None:
        self.shape = shape
        super().__init__()

    def clean(self, value: Any) -> Any:
        try:
            credential = super().clean(value)
            said = self.shape.from_dict(credential).response.client_data
            if not (isinstance(said.origin, str) and said.challenge):
                raise TypeError  # the library takes both on trust
        except (RecursionError, AttributeError, IndexError, KeyError, TypeError, ValueError, struct.error):
            raise get_adapter().validation_error("incorrect_code") from None
        return credential


class PasskeyForm(AuthenticateWebAuthnForm):
    """At sign-in, after the password."""

    credential = PasskeyField(AuthenticationResponse)


class PasskeySignInForm(LoginWebAuthnForm):
    """Signs in by passkey alone; the authenticator says whose it is by the uuid that it was given."""

    credential = PasskeyField(AuthenticationResponse)

    def clean_credential(self) -> Authenticator:
        credential = self.cleaned_data["credential"]
        response = webauthn.parse_authentication_response(credential)
        user = _named_by(response)
        if user is None:
            raise get_adapter().validation_error("incorrect_code")
        return webauthn.complete_authentication(user, credential)


def _named_by(response: AuthenticationResponse) -> User | None:
    handle = response.response.user_handle
    try:
        return User.objects.filter(uuid=UUID(bytes=handle)).first() if handle else None
    except ValueError:
        return None


class PasskeyAgainForm(ReauthenticateWebAuthnForm):
    """For what needs recent proof. A passkey that asked for its PIN or fingerprint counts as the password as well."""

    credential = PasskeyField(AuthenticationResponse)

    def clean_credential(self) -> Authenticator:
        factor = super().clean_credential()
        response = webauthn.parse_authentication_response(self.cleaned_data["credential"])
        self.passwordless = response.response.authenticator_data.is_user_verified()
        return factor


class AddPasskeyForm(AddWebAuthnForm):
    """Adds a passkey, under a name that fits on the page."""

    name = forms.CharField(label=_("Name"), required=False, max_length=NAME_LENGTH)
    credential = PasskeyField(RegistrationResponse)


class RenamePasskeyForm(EditWebAuthnForm):
    """Names a passkey anew."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)
