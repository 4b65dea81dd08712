"""Providers by name: offered when the settings say so, one for each loop, and only at acceptable addresses."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest
from pytest_django.fixtures import Settings

from chat.providers import addresses, registry
from chat.providers.base import Failure, ProviderError
from chat.tests.reading import read, request
from chat.tests.standins.local import LocalStandIn


@pytest.fixture(autouse=True)
def bare(settings: Settings) -> Settings:
    """Start with nothing configured, as in production."""
    settings.DEBUG = False
    settings.ANTHROPIC_API_KEY = settings.MOONSHOT_API_KEY = ""
    settings.ANTHROPIC_BASE_URL = "https://api.anthropic.com"
    settings.MOONSHOT_BASE_URL = "https://api.moonshot.ai/v1"
    settings.LOCAL_MODELS_BASE_URL = settings.LOCAL_MODELS_API_KEY = ""
    settings.DEMO_MODEL = False
    return settings


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("anthropic", "ANTHROPIC_API_KEY", "key"),
        ("moonshot", "MOONSHOT_API_KEY", "key"),
        ("openai_compatible", "LOCAL_MODELS_BASE_URL", "http://127.0.0.1:11434/v1"),
        ("demo", "DEMO_MODEL", True),
    ],
)
async def test_provider_is_offered_when_its_setting_is_there(
    bare: Settings, name: str, setting: str, value: object
) -> None:
    assert not registry.is_configured(name)
    with pytest.raises(ProviderError) as failure:
        await registry.get(name)
    assert failure.value.kind is Failure.NOT_CONFIGURED
    setattr(bare, setting, value)
    assert registry.is_configured(name)
    registry.warm_up()
    provider = await registry.get(name)
    assert provider.name == name
    await registry.close_all()


async def test_unknown_name_is_not_configured() -> None:
    assert not registry.is_configured("nobody")
    with pytest.raises(ProviderError):
        await registry.get("nobody")


async def test_one_for_all_until_closed(bare: Settings) -> None:
    bare.DEMO_MODEL = True
    first, second = await asyncio.gather(registry.get("demo"), registry.get("demo"))
    assert first is second
    await registry.close_all()
    assert await registry.get("demo") is not first
    await registry.close_all()


def test_each_loop_has_its_own(bare: Settings) -> None:
    bare.DEMO_MODEL = True
    first, second = (asyncio.run(registry.get("demo")) for _ in range(2))
    assert first is not second


async def test_settings_reach_the_provider(bare: Settings) -> None:
    async with LocalStandIn() as server:
        server.key = bare.LOCAL_MODELS_API_KEY = "local-key"
        bare.LOCAL_MODELS_BASE_URL = server.url
        provider = await registry.get("openai_compatible")
        answer = await read(provider.stream(request()))
        await registry.close_all()
    assert answer.failure is None


def test_sdks_are_not_imported_before_they_are_needed() -> None:
    program = (
        "import sys, chat.providers.registry, chat.providers.words, chat.providers.retrying; "
        "sys.exit(bool({'anthropic', 'openai', 'aiohttp', 'httpx2'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_vendors_own_addresses_are_fine() -> None:
    assert addresses.problems() == []


@pytest.mark.parametrize(
    "address",
    [
        "http://api.anthropic.com",
        "https://localhost",
        "https://a.localhost.:8000",
        "https://127.0.0.9",
        "https://[::1]/v1",
        "https://0.0.0.0",
        "https://key@api.anthropic.com",
        "https://api.anthropic.com?x=1",
        "ftp://api.anthropic.com",
        "api.anthropic.com",
        "https://",
        "",
    ],
)
def test_address_that_would_leak_prompts_is_named(bare: Settings, address: str) -> None:
    bare.ANTHROPIC_BASE_URL = bare.MOONSHOT_BASE_URL = address
    assert [problem.split(":")[0] for problem in addresses.problems()] == ["ANTHROPIC_BASE_URL", "MOONSHOT_BASE_URL"]


def test_stand_ins_are_fine_while_debugging_and_local_models_always(bare: Settings) -> None:
    bare.LOCAL_MODELS_BASE_URL = "http://127.0.0.1:11434/v1"
    assert addresses.problems() == []
    bare.ANTHROPIC_BASE_URL = "http://127.0.0.1:8100"
    assert len(addresses.problems()) == 1
    bare.DEBUG = True
    assert addresses.problems() == []


def test_address_of_local_models_must_be_one(bare: Settings) -> None:
    bare.LOCAL_MODELS_BASE_URL = "my server"
    assert len(addresses.problems()) == 1
