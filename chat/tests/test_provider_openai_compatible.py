"""A local server of models: no key needed, and lenient with what small servers leave out."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from chat.providers.base import Failure, FinishReason, Request, Usage
from chat.providers.openai_compatible import OpenAICompatibleProvider
from chat.tests.reading import read, request
from chat.tests.standins.local import LocalStandIn


@pytest.fixture
async def server() -> AsyncIterator[LocalStandIn]:
    async with LocalStandIn() as stand_in:
        yield stand_in


@pytest.fixture
async def local(server: LocalStandIn) -> AsyncIterator[OpenAICompatibleProvider]:
    provider = OpenAICompatibleProvider(api_key="", base_url=server.url)
    yield provider
    await provider.close()


def asking(scenario: str) -> Request:
    return request(f"[[scenario:{scenario}]]", "llama", max_output=100)


async def test_request_needs_no_key_and_names_the_limit_as_old_servers_know_it(
    server: LocalStandIn, local: OpenAICompatibleProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a key of another house")
    answer = await read(local.stream(asking("ok")))
    assert (answer.failure, answer.text) == (None, "Seine, Nile, Mekong.")
    assert answer.usage == Usage(input=11, cached=8, cache_write=0, output=13)
    assert server.violations == []
    assert "authorization" not in server.requests[0].headers
    assert server.requests[0].body["max_tokens"] == 100


async def test_key_is_sent_where_there_is_one(server: LocalStandIn) -> None:
    server.key = "local-key"
    local = OpenAICompatibleProvider(api_key="local-key", base_url=server.url)
    answer = await read(local.stream(asking("ok")))
    await local.close()
    assert answer.failure is None
    assert server.requests[0].headers["authorization"] == "Bearer local-key"
    assert server.violations == []


@pytest.mark.parametrize("scenario", ["no-usage-no-done", "no-done-dangling", "tools"])
async def test_missing_usage_and_done_are_tolerated(local: OpenAICompatibleProvider, scenario: str) -> None:
    answer = await read(local.stream(asking(scenario)))
    assert (answer.failure, answer.finish, answer.usage) == (None, FinishReason.DONE, Usage())


@pytest.mark.parametrize(
    ("scenario", "reasoning", "text"),
    [
        ("reasoning", "Rivers it is.", "Seine, Nile, Mekong."),
        ("thinking-and-text", "Hm.", "Yes."),
        ("refusal", "", "No."),
    ],
)
async def test_thinking_has_two_names(
    local: OpenAICompatibleProvider, scenario: str, reasoning: str, text: str
) -> None:
    answer = await read(local.stream(asking(scenario)))
    assert ("".join(answer.reasoning), answer.text) == (reasoning, text)


@pytest.mark.parametrize(
    ("scenario", "kind", "text"),
    [
        ("404", Failure.MODEL_GONE, ""),
        ("400-context", Failure.TOO_LARGE, ""),
        ("502-html", Failure.UNAVAILABLE, ""),
        ("no-end", Failure.BROKEN, "Seine, Nile, "),
        ("error-midway", Failure.UNAVAILABLE, "Seine, Nile, "),
    ],
)
async def test_failure_is_judged(local: OpenAICompatibleProvider, scenario: str, kind: Failure, text: str) -> None:
    answer = await read(local.stream(asking(scenario)))
    assert answer.failure is not None
    assert (answer.failure.kind, answer.text) == (kind, text)
