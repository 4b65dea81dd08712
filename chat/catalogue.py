"""What is on offer: the catalogue's rows, what they cost now, and whether their provider is set up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from billing import prices
from billing.credits import format_credits
from billing.models import Price
from caicaini.prepared import Prepared
from chat.errors import model_not_offered, model_unavailable, provider_not_configured
from chat.models import CatalogueModel
from chat.providers import breaker, registry

MILLION = 1_000_000
OFFERED = Prepared(CatalogueModel, lambda rows, slug: rows.filter(slug=slug, is_offered=True), slug="slug")
LABELLED = Prepared(CatalogueModel, lambda rows: rows.only("slug", "label").order_by())


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of the picker. `retry_after` is in seconds, and 0 unless waiting may help: the provider is down."""

    slug: str
    label: str
    provider: str
    provider_label: str
    description: str
    price_text: str
    is_available: bool
    why_not: str
    retry_after: int


def offered(now: datetime) -> list[Offer]:
    """Give the picker's lines in order, what cannot be picked last: two queries and a look into the cache."""
    rows = [row for row in CatalogueModel.objects.filter(is_offered=True) if _may_show(row)]
    current = prices.current_many([row.slug for row in rows], now)
    down = breaker.pauses({row.provider for row in rows})
    offers = [_offer(row, current.get(row.slug), down.get(row.provider, 0)) for row in rows]
    return sorted(offers, key=lambda offer: not (offer.is_available or offer.retry_after))


def _may_show(row: CatalogueModel) -> bool:
    return row.provider != CatalogueModel.Provider.DEMO or settings.DEMO_MODEL


def _why_not(row: CatalogueModel, price: Price | None) -> str:
    if not registry.is_configured(row.provider):
        return _("Not set up on this service yet.")
    return _("It has no price yet.") if price is None else ""


def _offer(row: CatalogueModel, price: Price | None, down_for: int) -> Offer:
    why_not = _why_not(row, price)
    retry_after = 0 if why_not else down_for
    if retry_after:
        why_not = _("Not answering at the moment.")
    return Offer(
        row.slug,
        row.label,
        row.provider,
        row.get_provider_display(),
        row.description,
        price_text(price),
        not why_not,
        why_not,
        retry_after,
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
    row = OFFERED.first(slug=slug)
    if row is None or not _may_show(row):
        raise model_not_offered()
    if not registry.is_configured(row.provider):
        raise provider_not_configured()
    return row


def get_answering(slug: str) -> CatalogueModel:
    """Give an offered model whose provider answers, as far as is known; raises ChatError."""
    row = get(slug)
    down = breaker.pauses([row.provider])
    if down:
        raise model_unavailable(down[row.provider])
    return row


def labels() -> dict[str, str]:
    """Give every model's label by slug, offered or not: old replies keep their names."""
    return {row.slug: row.label for row in LABELLED.all()}


def default_slug(offers: list[Offer], preferred: str = "") -> str:
    """Choose what the picker shows first: the conversation's model if it can be used, else the first that can.

    A conversation keeps a model that is down only for a while: its words must not go elsewhere unasked.
    """
    usable = [offer.slug for offer in offers if offer.is_available]
    may_stay = usable + [offer.slug for offer in offers if offer.retry_after]
    if preferred in may_stay or not usable:
        return preferred
    return usable[0]
