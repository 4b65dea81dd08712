"""`{% credits_at_closing person %}`: on the page that closes an account, what becomes of the credits."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import RequestContext

from accounts.models import User
from billing import refunds
from billing.accounts import balance

register = template.Library()


@register.inclusion_tag("billing/_closing.html", takes_context=True)
def credits_at_closing(context: RequestContext, person: User) -> dict[str, Any]:
    """Show the balance, and the refund that was or may be asked for. Two queries."""
    return {
        "csrf_token": context.get("csrf_token"),
        "balance": balance(person),
        "is_closing": person.closing_at is not None,
        "refund": refunds.open_request(person),
    }
