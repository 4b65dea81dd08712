"""The guarded provider: its gate and its breaker around real HTTP, and that nothing is held by who has left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from pytest_django.fixtures import Settings

from chat.providers import breaker, gates, guarded, registry
from chat.providers.base import Failure, FinishReason
from chat.providers.breaker import FAILURES
from chat.tests.reading import Read, read_opened, request
from chat.tests.standins.anthropic import AnthropicStandIn

NAME = "anthropic"
ANN, BOB = uuid4(), uuid4()


@pytest.fixture
async def upstream(settings: Settings) -> AsyncIterator[AnthropicStandIn]:
    async with AnthropicStandIn() as server:
        settings.ANTHROPIC_API_KEY, settings.ANTHROPIC_BASE_URL = server.key, server.url
        await asyncio.to_thread(registry.warm_up)
        yield server
        await registry.close_all()
        assert gates.of(NAME).inside == gates.of(NAME).waiting == 0


async def ask(scenario: str = "ok") -> Read:
    return await read_opened(guarded.opened(NAME, ANN, request(f"[[scenario:{scenario}]]"), lambda place: None))


async def trip(scenario: str) -> None:
    for _ in range(FAILURES):
        assert (await ask(scenario)).failure is not None


async def test_answer_comes_through(upstream: AnthropicStandIn) -> None:
    answer = await ask()
    assert (answer.text, answer.finish, answer.failure) == ("Seine, Nile, Mekong.", FinishReason.DONE, None)


async def test_outage_opens_it_and_nobody_is_asked_any_more(upstream: AnthropicStandIn) -> None:
    await trip("401")
    assert breaker.is_open(NAME)
    asked = len(upstream.requests)
    answer = await ask()
    assert answer.failure is not None
    assert answer.failure.kind is Failure.UNAVAILABLE
    assert len(upstream.requests) == asked


@pytest.mark.parametrize("scenario", ["400", "400-too-long", "404", "error-midway", "drop"])
async def test_answers_and_failures_midway_open_nothing(upstream: AnthropicStandIn, scenario: str) -> None:
    await trip(scenario)
    assert not breaker.is_open(NAME)


async def test_trial_that_is_answered_closes_it(upstream: AnthropicStandIn) -> None:
    await trip("401")
    breaker.of(NAME)._opens_at = 0.0
    assert (await ask()).failure is None
    assert (await ask()).failure is None
    assert not breaker.is_open(NAME)


async def test_stopped_trial_frees_its_slot_and_its_turn(upstream: AnthropicStandIn, settings: Settings) -> None:
    settings.PROVIDER_STREAMS = 1
    await trip("401")
    breaker.of(NAME)._opens_at = 0.0
    trial = asyncio.create_task(ask("hang"))
    await upstream.until(lambda: len(upstream.requests) > FAILURES)
    trial.cancel()
    await asyncio.gather(trial, return_exceptions=True)
    assert (await ask()).failure is None


async def test_second_person_waits_for_the_first_and_sees_the_place(
    upstream: AnthropicStandIn, settings: Settings
) -> None:
    settings.PROVIDER_STREAMS = 1
    places: list[int] = []
    async with guarded.opened(NAME, ANN, request("[[scenario:slow]]"), places.append):
        second = asyncio.create_task(read_opened(guarded.opened(NAME, BOB, request(), places.append)))
        while not places:
            await asyncio.sleep(0.01)
        assert (places, len(upstream.requests)) == ([1], 1)
    assert (await second).failure is None
    assert places == [1, 0]
