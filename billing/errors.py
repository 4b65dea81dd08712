"""What billing refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from billing.credits import exact_credits, format_credits
from caicaini.errors import CaicainiError


class NoPrice(CaicainiError):
    """A model that nobody has priced cannot be used: there would be nothing to hold."""

    code = "model_not_priced"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This model has no price at the moment, so it cannot be used. Choose another one."))


class InsufficientCredit(CaicainiError):
    """The account cannot pay; `needed` and `available` are micro-credits."""

    code = "insufficient_credit"
    status = 402

    def __init__(self, needed: int, available: int) -> None:
        self.needed, self.available = needed, available
        # Two amounts that look alike when rounded would read as nonsense: then every digit is shown.
        write = exact_credits if format_credits(needed) == format_credits(available) else format_credits
        super().__init__(
            _("This needs at least %(needed)s credits and %(available)s are there. Nothing was billed.")
            % {"needed": write(needed), "available": write(available)}
        )


class NothingToRefund(CaicainiError):
    """Only somebody who closes an account with credit in it can ask for a refund."""

    code = "nothing_to_refund"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("There is nothing to refund: the account is empty, or it is not being closed."))
