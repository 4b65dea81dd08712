"""Tells every page of a signed-in person that somebody asked to remove the second factor."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import FactorReset
from accounts.sign_ins.sessions import identify


def open_factor_reset(request: HttpRequest) -> dict[str, object]:
    """Give templates `open_factor_reset`; only a page that asks for it pays the query."""
    return {"open_factor_reset": SimpleLazyObject(lambda: _open(request))}


def _open(request: HttpRequest) -> FactorReset | None:
    user = identify(request)
    return getattr(user, "open_factor_reset", None) if user else None
