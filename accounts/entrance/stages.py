"""What comes after the password: right after signing up a code by mail, and where there is one the second factor."""

from __future__ import annotations

from allauth.account.stages import EmailVerificationStage
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpResponse


class VerificationAtSignup(EmailVerificationStage):
    """allauth asks for the code at every sign-in until it was given; later the gate of each send asks instead."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        if not self.login.signup:
            return None, True
        asked: tuple[HttpResponse | None, bool] = super().handle()
        return asked


class FactorAtSignIn(AuthenticateStage):
    """Waits for the second factor, as long as the password that was given is still the person's."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        asked: tuple[HttpResponse | None, bool] = super().handle()
        if asked[0]:
            self.state["mark"] = self.login.user.get_session_auth_hash()
        return asked

    @property
    def is_void(self) -> bool:
        """Say whether the password changed meanwhile: whoever waits here knows the former one."""
        return bool(self.state.get("mark") != self.login.user.get_session_auth_hash())

    def exit(self) -> HttpResponse:
        answer: HttpResponse = self.abort() if self.is_void else super().exit()
        return answer
