"""System checks of chat: prompts leave over TLS and to another machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks

from chat.providers import addresses


@checks.register(checks.Tags.security)
def check_provider_addresses(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[checks.CheckMessage]:
    """Refuse addresses of providers that are not acceptable."""
    return [checks.Error(problem, id="chat.E001") for problem in addresses.problems()]
