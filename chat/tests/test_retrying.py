"""The retry policy and the time limits, over a real socket: who waits how long, who is asked again, and who is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress

import pytest

from chat.providers import retrying
from chat.providers.anthropic import AnthropicProvider
from chat.providers.base import Event, Failure, Finish, FinishReason, ProviderError, Text
from chat.providers.retrying import Policy
from chat.tests.reading import Read, read_opened, request
from chat.tests.standins.anthropic import AnthropicStandIn


class Nights:
    """A sleep that takes no time and remembers; its clock moves by what was slept."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def clock(self) -> float:
        return sum(self.slept)


@pytest.fixture
async def vendor() -> AsyncIterator[AnthropicStandIn]:
    async with AnthropicStandIn() as stand_in:
        yield stand_in


@pytest.fixture
async def claude(vendor: AnthropicStandIn) -> AsyncIterator[AnthropicProvider]:
    provider = AnthropicProvider(api_key=vendor.key, base_url=vendor.url)
    yield provider
    await provider.close()


@pytest.fixture
def nights() -> Nights:
    return Nights()


async def ask(
    claude: AnthropicProvider, nights: Nights, scenario: str, policy: Policy = retrying.DEFAULT, seconds: float = 30
) -> Read:
    asked = request(f"[[scenario:{scenario}]]")
    opening = retrying.opened(claude, asked, policy, sleep=nights.sleep, clock=nights.clock, luck=lambda: 0.0)
    return await read_opened(opening, seconds)


async def test_overloaded_vendor_is_asked_again(
    vendor: AnthropicStandIn, claude: AnthropicProvider, nights: Nights
) -> None:
    answer = await ask(claude, nights, "529-once")
    assert (answer.failure, answer.finish, answer.text) == (None, FinishReason.DONE, "Seine, Nile, Mekong.")
    assert len(vendor.requests) == 2
    assert nights.slept == [0.5]


@pytest.mark.parametrize("scenario", ["529", "500", "drop-before-head", "error-first"])
async def test_third_failure_is_told(
    vendor: AnthropicStandIn, claude: AnthropicProvider, nights: Nights, scenario: str
) -> None:
    answer = await ask(claude, nights, scenario)
    assert answer.failure is not None
    assert answer.events == []
    assert len(vendor.requests) == 3
    assert nights.slept == [0.5, 1.0]


async def test_wait_that_the_vendor_asks_for_is_kept(claude: AnthropicProvider, nights: Nights) -> None:
    answer = await ask(claude, nights, "429")
    assert answer.failure is not None
    assert (answer.failure.kind, answer.failure.retry_after) == (Failure.BUSY, 1.0)
    assert nights.slept == [1.0, 1.0]


async def test_wait_of_a_day_is_not_begun(vendor: AnthropicStandIn, claude: AnthropicProvider, nights: Nights) -> None:
    answer = await ask(claude, nights, "429-day")
    assert answer.failure is not None
    assert (answer.failure.kind, answer.failure.retry_after) == (Failure.BUSY, 86_400.0)
    assert (len(vendor.requests), nights.slept) == (1, [])


@pytest.mark.parametrize("scenario", ["400", "401", "404", "413-html", "429-spend", "nothing", "no-stop"])
async def test_failure_that_would_repeat_itself_is_told_at_once(
    vendor: AnthropicStandIn, claude: AnthropicProvider, nights: Nights, scenario: str
) -> None:
    answer = await ask(claude, nights, scenario)
    assert answer.failure is not None
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("scenario", ["error-midway", "drop", "error-midway-api"])
async def test_nothing_is_asked_again_once_the_answer_was_seen(
    vendor: AnthropicStandIn, claude: AnthropicProvider, nights: Nights, scenario: str
) -> None:
    answer = await ask(claude, nights, scenario)
    assert answer.failure is not None
    assert answer.text == "Seine, Nile, "
    assert (len(vendor.requests), nights.slept) == (1, [])


async def test_first_event_must_come_in_time(
    vendor: AnthropicStandIn, claude: AnthropicProvider, nights: Nights
) -> None:
    answer = await ask(claude, nights, "hang", Policy(retries=1, first_event=0.3))
    assert answer.failure is not None
    assert (answer.failure.kind, answer.failure.__context__) == (Failure.TIMEOUT, None)
    assert len(vendor.requests) == 2
    await vendor.until(lambda: vendor.left == 2)


async def test_cancelling_is_passed_on_and_never_becomes_a_timeout(
    vendor: AnthropicStandIn, claude: AnthropicProvider
) -> None:
    reader = asyncio.create_task(read_opened(retrying.opened(claude, request("[[scenario:hang-midway]]"))))
    await vendor.until(lambda: len(vendor.requests) == 1)
    reader.cancel()
    with suppress(asyncio.CancelledError):
        await reader
    assert reader.cancelled()
    await vendor.until(lambda: vendor.left == 1)


async def test_closing_aborts_upstream_at_once(vendor: AnthropicStandIn, claude: AnthropicProvider) -> None:
    async with retrying.opened(claude, request("[[scenario:hang-midway]]")) as (_first, rest):
        await anext(rest)
    await vendor.until(lambda: vendor.left == 1)


async def test_slow_failures_are_not_repeated_beyond_the_limit_for_all_tries() -> None:
    now = 0.0

    class Slow:
        name = "slow"
        asked = 0

        async def stream(self, _request: object) -> AsyncGenerator[Event, None]:
            nonlocal now
            self.asked += 1
            now += 20
            if self.asked:
                raise ProviderError(Failure.UNAVAILABLE)
            yield Text("")

        async def close(self) -> None: ...

    async def sleep(_seconds: float) -> None: ...

    slow = Slow()
    answer = await read_opened(retrying.opened(slow, request(), sleep=sleep, clock=lambda: now))
    assert answer.failure is not None
    assert slow.asked == 2


@pytest.mark.parametrize("scenario", sorted(AnthropicStandIn.scenarios))
async def test_every_known_answer_ends_in_exactly_one_way(
    vendor: AnthropicStandIn, claude: AnthropicProvider, nights: Nights, scenario: str
) -> None:
    answer = await ask(claude, nights, scenario, Policy(first_event=0.3), seconds=0.8)
    assert (answer.finish is None) != (answer.failure is None)
    assert sum(isinstance(event, Finish) for event in answer.events) == (answer.finish is not None)
    assert not any(event.text == "" for event in answer.events if isinstance(event, Text))
    assert vendor.violations == []


def test_pause_doubles_is_capped_and_is_shortened_by_luck() -> None:
    busy = ProviderError(Failure.BUSY)
    policy = Policy(first_pause=1.0, longest_pause=4.0)
    assert [policy.pause(tries, busy, 0.0) for tries in (1, 2, 3, 4)] == [1.0, 2.0, 4.0, 4.0]
    assert policy.pause(3, busy, 1.0) == 3.0
    assert policy.pause(1, ProviderError(Failure.BUSY, retry_after=9.0), 0.5) == 9.0
