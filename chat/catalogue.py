"""What is on offer: the catalogue's rows, what they cost now, and whether their provider is set up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from billing import prices
from billing.credits import format_credits
from billing.models import Price
from chat.errors import model_not_offered, provider_not_configured
from chat.models import CatalogueModel
from chat.providers import registry

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of the picker."""

    slug: str
    label: str
    provider: str
    provider_label: str
    description: str
    price_text: str
    is_available: bool
    why_not: str


def offered(now: datetime) -> list[Offer]:
    """Give the picker's lines in order: two queries."""
    rows = [row for row in CatalogueModel.objects.filter(is_offered=True) if _may_show(row)]
    current = prices.current_many([row.slug for row in rows], now)
    return [_offer(row, current.get(row.slug)) for row in rows]


def _may_show(row: CatalogueModel) -> bool:
    return row.provider != CatalogueModel.Provider.DEMO or settings.DEMO_MODEL


def _offer(row: CatalogueModel, price: Price | None) -> Offer:
    why_not = ""
    if not registry.is_configured(row.provider):
        why_not = _("Not set up on this service yet.")
    elif price is None:
        why_not = _("It has no price yet.")
    return Offer(
        row.slug,
        row.label,
        row.provider,
        row.get_provider_display(),
        row.description,
        price_text(price),
        not why_not,
        why_not,
    )


def price_text(price: Price | None) -> str:
    """Say a price for people."""
    if price is None:
        return ""
    return _("%(input)s credits in, %(output)s out per million tokens") % {
        "input": format_credits(price.input),
        "output": format_credits(price.output),
    }


def get(slug: str) -> CatalogueModel:
    """Give an offered model whose provider is set up; raises ChatError."""
    row = CatalogueModel.objects.filter(slug=slug, is_offered=True).first()
    if row is None or not _may_show(row):
        raise model_not_offered()
    if not registry.is_configured(row.provider):
        raise provider_not_configured()
    return row


def labels() -> dict[str, str]:
    """Give every model's label by slug, offered or not: old replies keep their names."""
    return dict(CatalogueModel.objects.values_list("slug", "label"))


def default_slug(offers: list[Offer], preferred: str = "") -> str:
    """Choose what the picker shows first: the conversation's model if it can be used, else the first that can."""
    usable = [offer.slug for offer in offers if offer.is_available]
    if preferred in usable or not usable:
        return preferred
    return usable[0]
