"""The catalogue that a new installation starts with; operators edit it afterwards."""

from __future__ import annotations

from typing import Any

from chat.models import CatalogueModel

MIB = 1_048_576

# Windows and limits as the vendors published them by November 2026.
SEEDS: tuple[dict[str, Any], ...] = (
    {
        "slug": "claude-sonnet-5-5",
        "provider": "anthropic",
        "label": "Claude Sonnet 5.5",
        "description": "Quick and thorough: a good first choice.",
        "context_window": 1_000_000,
        "max_output": 128_000,
        "reads_images": True,
        "least_output": 4_096,
        "order": 10,
    },
    {
        "slug": "claude-opus-5-5",
        "provider": "anthropic",
        "label": "Claude Opus 5.5",
        "description": "For hard problems and long work.",
        "context_window": 1_000_000,
        "max_output": 128_000,
        "reads_images": True,
        "least_output": 4_096,
        "order": 20,
    },
    {
        "slug": "claude-fable-5-2",
        "provider": "anthropic",
        "label": "Claude Fable 5.2",
        "description": "The most capable one, and the dearest.",
        "context_window": 1_000_000,
        "max_output": 128_000,
        "reads_images": True,
        "least_output": 4_096,
        "order": 30,
    },
    {
        "slug": "claude-haiku-5-5",
        "provider": "anthropic",
        "label": "Claude Haiku 5.5",
        "description": "Very fast and very cheap.",
        "context_window": 1_000_000,
        "max_output": 128_000,
        "reads_images": True,
        "least_output": 4_096,
        "order": 40,
    },
    {
        "slug": "kimi-k3",
        "provider": "moonshot",
        "label": "Kimi K3",
        "description": "Thinks long before it answers.",
        "context_window": MIB,
        "max_output": MIB,
        "reads_images": True,
        "least_output": 4_096,
        "order": 50,
    },
    {
        "slug": "kimi-k2.6",
        "provider": "moonshot",
        "label": "Kimi K2.6",
        "description": "A fair all-rounder.",
        "context_window": 262_144,
        "max_output": 32_768,
        "reads_images": True,
        "options": {"thinking": {"type": "disabled"}},
        "order": 60,
    },
    {
        "slug": "kimi-k2.7-code",
        "provider": "moonshot",
        "label": "Kimi K2.7 Code",
        "description": "Made for programming.",
        "context_window": 262_144,
        "max_output": 32_768,
        "reads_images": True,
        "least_output": 4_096,
        "order": 70,
    },
    {
        "slug": "demo",
        "provider": "demo",
        "label": "Demo (no AI)",
        "description": "Built in and scripted: it calls nobody, and it is no AI.",
        "context_window": 32_768,
        "max_output": 8_192,
        "usual_output": 4_096,
        "order": 900,
    },
)


def seed() -> int:
    """Add the models that the catalogue has never had; gives how many."""
    known = set(CatalogueModel.objects.values_list("slug", flat=True))
    new = [CatalogueModel(**{"vendor_model": row["slug"], **row}) for row in SEEDS if row["slug"] not in known]
    return len(CatalogueModel.objects.bulk_create(new))
