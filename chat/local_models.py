"""Finding what a local, OpenAI-compatible server offers, so that its address alone is enough to use it."""

from __future__ import annotations

from datetime import datetime

import requests
from django.conf import settings
from django.utils.text import slugify

from billing.models import Price
from chat.models import CatalogueModel

TIMEOUT = 3  # seconds: set-up goes on without a server that is not there
MOST = 50
CONTEXT_WINDOW = 32_768  # what most local servers are started with; operators correct it in the console


def discover(now: datetime) -> int:
    """Add the server's models that the catalogue lacks, free of charge; gives how many. An absent server adds none."""
    if not settings.LOCAL_MODELS_BASE_URL:
        return 0
    known = set(CatalogueModel.objects.values_list("slug", flat=True))
    names = {slug_of(name): name for name in _names()[:MOST]}
    new = [_row(slug, name) for slug, name in names.items() if slug not in known]
    CatalogueModel.objects.bulk_create(new)
    priced = set(Price.objects.filter(model__in=names).values_list("model", flat=True))
    free = {"input": 0, "cached_input": 0, "cache_write": 0, "output": 0}
    unpriced = [row.slug for row in new if row.slug not in priced]
    Price.objects.bulk_create([Price(model=slug, effective_at=now, **free) for slug in unpriced])
    return len(new)


def slug_of(name: str) -> str:
    """Name a local model so that it never collides with a vendor's."""
    return f"local-{slugify(name.replace(':', '-').replace('/', '-').replace('.', '-'))}"[:64]


def _names() -> list[str]:
    address = f"{settings.LOCAL_MODELS_BASE_URL.rstrip('/')}/models"
    key = settings.LOCAL_MODELS_API_KEY
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        answer = requests.get(address, headers=headers, timeout=TIMEOUT)
        answer.raise_for_status()
        return [str(item["id"]) for item in answer.json()["data"]]
    except (requests.RequestException, ValueError, KeyError, TypeError):
        return []


def _row(slug: str, name: str) -> CatalogueModel:
    return CatalogueModel(
        slug=slug,
        provider=CatalogueModel.Provider.OPENAI_COMPATIBLE,
        vendor_model=name[:128],
        label=name[:64],
        context_window=CONTEXT_WINDOW,
        max_output=CONTEXT_WINDOW // 2,
        usual_output=4_096,
        order=500,
    )
