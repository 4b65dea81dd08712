"""What allauth asks this project about second factors: how secrets rest, what authenticators are told."""

from __future__ import annotations

import io
import secrets
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import segno
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.factors import rules, sealing
from accounts.models import User

NAME = "Caicaini"


class FactorAdapter(DefaultMFAAdapter):
    """Seals secrets, names people to authenticators by their uuid, and knows who has to keep a factor."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This passkey is not known here, or it was not unlocked. Try it again, or another way."),
        "wrong_code": _("This code is not right, or was used before. The app shows a new one every 30 seconds."),
    }

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        # Under a secret key that is gone no code is right, and the pages go on.
        return sealing.opened(encrypted_text) or secrets.token_hex(40)

    def get_totp_label(self, user: User) -> str:
        return f"{NAME}:{user.username}"

    def build_totp_svg(self, url: str) -> str:
        """Draw the QR code; it is shown as an image, so nothing of it has to pass the page's policy."""
        picture = io.BytesIO()
        segno.make(url, error="m").save(picture, kind="svg", xmldecl=False, scale=5, dark="#1c1b19", light="#fff")
        return picture.getvalue().decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return rules.may_remove(authenticator.user, authenticator)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002  (allauth's name)
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey") if number == 1 else gettext("Passkey {number}").format(number=number)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": relying_party(settings.SITE_URL), "name": NAME}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        return {"id": user.uuid.bytes, "display_name": user.username, "name": user.username}


def relying_party(site: str) -> str:
    """Give the host name that passkeys belong to. An address is none: a development machine is `localhost` then."""
    host = urlsplit(site).hostname or ""
    try:
        return "localhost" if ip_address(host).is_loopback else host
    except ValueError:
        return host
