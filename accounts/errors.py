"""What accounts refuse."""

from django.utils.translation import gettext_lazy as _

from caicaini.errors import CaicainiError


class NotSignedIn(CaicainiError):
    """Nobody is there, or the session has ended."""

    code = "not_signed_in"
    status = 401

    def __init__(self) -> None:
        super().__init__(_("You are signed out. Sign in again to go on; nothing you wrote is lost."))


class NotAllowed(CaicainiError):
    """The person may not do this now."""

    code = "not_allowed"
    status = 403
