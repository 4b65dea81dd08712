"""The stand-ins as processes of their own, as browser tests and the bench use them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import httpx2
import pytest

from chat.providers.anthropic import AnthropicProvider
from chat.providers.base import Failure
from chat.tests.reading import read, request
from chat.tests.standins.anthropic import AnthropicStandIn


@pytest.fixture
def address() -> Iterator[str]:
    """Give the address that the process prints; it is ended afterwards."""
    command = [sys.executable, "-m", "chat.tests.standins.anthropic", "--pace", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[1]
        process.terminate()


async def test_process_plays_scenarios_and_shows_what_it_was_sent(address: str) -> None:
    claude = AnthropicProvider(api_key=AnthropicStandIn.key, base_url=address)
    assert (await read(claude.stream(request("Hello")))).text == "Seine, Nile, Mekong."
    async with httpx2.AsyncClient(trust_env=False) as control:
        await control.post(f"{address}/__control", json={"scenario": "402"})
        failure = (await read(claude.stream(request("Hello again")))).failure
        seen = (await control.get(f"{address}/__requests")).json()
    await claude.close()
    assert failure is not None
    assert failure.kind is Failure.HOUSE
    assert [each["body"]["messages"][0]["content"] for each in seen["requests"]] == ["Hello", "Hello again"]
    assert seen["violations"] == []


async def test_unknown_scenario_is_noted() -> None:
    async with AnthropicStandIn() as vendor:
        claude = AnthropicProvider(api_key=vendor.key, base_url=vendor.url)
        failure = (await read(claude.stream(request("[[scenario:rain]]")))).failure
        await claude.close()
    assert failure is not None
    assert vendor.violations == ["no such scenario: rain"]
