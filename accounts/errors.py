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


class IdentityError(CaicainiError):
    """A name or an address that cannot be changed like this; nothing was changed."""

    code = "identity"
    status = 409


def name_taken() -> IdentityError:
    return IdentityError(_("This user name is taken. Try another one."), code="name_taken")


def address_taken() -> IdentityError:
    return IdentityError(_("This address cannot be used any more. Nothing was changed."), code="address_taken")


def wrong_code() -> IdentityError:
    return IdentityError(
        _("This code is not right, or it is too old. After five wrong ones a new code is needed."), code="wrong_code"
    )


def too_many_changes() -> IdentityError:
    return IdentityError(
        _("The address was to be changed five times within three days, and that is the most. Try again in some days."),
        code="too_many_changes",
        status=429,
    )


def cannot_undo() -> IdentityError:
    return IdentityError(
        _("This link was used, or it is older than 72 hours. Nothing was changed."), code="cannot_undo", status=404
    )


def operators_stay() -> NotAllowed:
    return NotAllowed(
        _("Operators cannot close their own account. Ask another operator to take your rights away first."),
        code="operators_stay",
    )
