"""Gives the providers by name: made at first use from the settings, one of each per process and event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from django.conf import settings
from django.utils.module_loading import import_string

from chat.providers.base import Failure, Provider, ProviderError


@dataclass(frozen=True, slots=True)
class Source:
    """Where a provider's class lies, the setting without which it is not offered, and its arguments by setting.

    Classes are loaded by path, because the SDKs behind them take seconds to import and only the web process needs them.
    """

    path: str
    needs: str
    arguments: Mapping[str, str] = field(default_factory=dict)


SOURCES = {
    "anthropic": Source(
        "chat.providers.anthropic.AnthropicProvider",
        "ANTHROPIC_API_KEY",
        {"api_key": "ANTHROPIC_API_KEY", "base_url": "ANTHROPIC_BASE_URL"},
    ),
    "moonshot": Source(
        "chat.providers.moonshot.MoonshotProvider",
        "MOONSHOT_API_KEY",
        {"api_key": "MOONSHOT_API_KEY", "base_url": "MOONSHOT_BASE_URL"},
    ),
    "openai_compatible": Source(
        "chat.providers.openai_compatible.OpenAICompatibleProvider",
        "LOCAL_MODELS_BASE_URL",
        {"api_key": "LOCAL_MODELS_API_KEY", "base_url": "LOCAL_MODELS_BASE_URL"},
    ),
    "demo": Source("chat.providers.demo.DemoProvider", "DEMO_MODEL"),
}

# An SDK's client belongs to the loop that it was first used in.
_made: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Provider]] = WeakKeyDictionary()


def is_configured(name: str) -> bool:
    """Say whether the settings offer this provider; imports nothing."""
    return name in SOURCES and bool(getattr(settings, SOURCES[name].needs))


def warm_up() -> None:
    """Import what the configured providers need, some seconds of work, before the first person has to wait for it."""
    for name, source in SOURCES.items():
        if is_configured(name):
            import_string(source.path)


async def get(name: str) -> Provider:
    """Give the provider of this process and loop; raises ProviderError(NOT_CONFIGURED)."""
    if not is_configured(name):
        raise ProviderError(Failure.NOT_CONFIGURED)
    mine = _made.setdefault(asyncio.get_running_loop(), {})
    if name not in mine:
        made = await asyncio.to_thread(_make, SOURCES[name])  # the import and the certificates would stop the loop
        mine.setdefault(name, made)  # another task may have been here meanwhile
    return mine[name]


async def close_all() -> None:
    """Close this loop's providers and their connections."""
    for provider in _made.pop(asyncio.get_running_loop(), {}).values():
        await provider.close()


def _make(source: Source) -> Provider:
    arguments = {name: getattr(settings, setting) for name, setting in source.arguments.items()}
    provider: Provider = import_string(source.path)(**arguments)
    return provider
