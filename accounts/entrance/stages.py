"""When somebody who signs in must first confirm their address: right after signing up, and never again."""

from __future__ import annotations

from allauth.account.stages import EmailVerificationStage
from django.http import HttpResponse


class VerificationAtSignup(EmailVerificationStage):
    """allauth asks for the code at every sign-in until it was given; later the gate of each send asks instead."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        if not self.login.signup:
            return None, True
        asked: tuple[HttpResponse | None, bool] = super().handle()
        return asked
