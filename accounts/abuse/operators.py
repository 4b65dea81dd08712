"""Who may decide about whom."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.errors import NotAllowed
from accounts.models import User


def require(actor: User, person: User) -> None:
    """Raise NotAllowed unless `actor` is an operator, and another person."""
    if not (actor.is_active and actor.is_staff):
        raise NotAllowed(_("Only an operator may do this."), code="not_an_operator")
    if actor.pk == person.pk:
        raise NotAllowed(_("This is about yourself: another operator has to decide."), code="own_case")
