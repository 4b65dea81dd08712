"""Kimi over the real SDK and a real socket: every known answer becomes the right events or the right failure."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

import httpx2
import pytest

from chat.providers.base import Failure, FinishReason, Request, Role, Text, Turn, Usage
from chat.providers.moonshot import MoonshotProvider
from chat.providers.transport import Timeouts
from chat.tests.reading import read, request
from chat.tests.standins.moonshot import MoonshotStandIn

MODEL = "kimi-k2.6"
COUNTED = Usage(input=11, cached=8, cache_write=0, output=13)  # of 19 prompt tokens 8 came from the cache


@pytest.fixture
async def vendor() -> AsyncIterator[MoonshotStandIn]:
    async with MoonshotStandIn() as stand_in:
        yield stand_in


@pytest.fixture
async def kimi(vendor: MoonshotStandIn) -> AsyncIterator[MoonshotProvider]:
    provider = MoonshotProvider(api_key=vendor.key, base_url=vendor.url)
    yield provider
    await provider.close()


def asking(scenario: str) -> Request:
    return request(f"[[scenario:{scenario}]]", MODEL)


async def test_request_carries_exactly_what_the_promise_allows(vendor: MoonshotStandIn, kimi: MoonshotProvider) -> None:
    asked = Request(
        model=MODEL,
        system="You are Caicaini.",
        turns=(Turn(Role.USER, "Hi"), Turn(Role.ASSISTANT, ""), Turn(Role.USER, "Go on")),
        max_output=100,
        options={"thinking": {"type": "disabled"}, "stream": False},
    )
    answer = await read(kimi.stream(asked))
    assert answer.failure is None
    assert vendor.violations == []
    assert vendor.requests[0].body == {
        "model": MODEL,
        "max_completion_tokens": 100,
        "stream": True,
        "stream_options": {"include_usage": True},
        "thinking": {"type": "disabled"},
        "messages": [
            {"role": "system", "content": "You are Caicaini."},
            {"role": "user", "content": "Hi"},
            {"role": "user", "content": "Go on"},
        ],
    }
    assert set(vendor.requests[0].headers) == {
        "host", "accept", "accept-encoding", "content-type", "content-length", "user-agent", "authorization",
    }  # fmt: skip


async def test_environment_cannot_add_headers_or_another_address(
    vendor: MoonshotStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Spy: 1\nAuthorization: Bearer other")
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_API_KEY", "OPENAI_ADMIN_KEY"):
        monkeypatch.setenv(name, "spy")
    for name in ("OPENAI_BASE_URL", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    kimi = MoonshotProvider(api_key=vendor.key, base_url=vendor.url)
    answer = await read(kimi.stream(request(model=MODEL)))
    await kimi.close()
    assert answer.failure is None
    assert vendor.violations == []


async def test_cookie_of_the_vendors_edge_is_never_sent_back(vendor: MoonshotStandIn) -> None:
    kimi = MoonshotProvider(api_key=vendor.key, base_url=vendor.url.replace("127.0.0.1", "localhost"))
    for _ in range(2):
        await read(kimi.stream(request(model=MODEL)))
    await kimi.close()
    assert len(vendor.requests) == 2
    assert vendor.violations == []


@pytest.mark.parametrize(
    "scenario",
    ["ok", "one-packet", "usage-in-choice", "usage-on-top", "usage-as-openai", "usage-differs", "usage-top-first"],
)
async def test_usage_is_found_wherever_it_stands_and_the_top_level_wins(kimi: MoonshotProvider, scenario: str) -> None:
    answer = await read(kimi.stream(asking(scenario)))
    assert (answer.text, answer.finish) == ("Seine, Nile, Mekong.", FinishReason.DONE)
    assert answer.usage == COUNTED


@pytest.mark.parametrize("scenario", ["usage-none", "usage-null"])
async def test_missing_usage_is_not_said_to_be_zero(kimi: MoonshotProvider, scenario: str) -> None:
    answer = await read(kimi.stream(asking(scenario)))
    assert (answer.failure, answer.usage) == (None, Usage())
    assert answer.finish is FinishReason.DONE


async def test_reasoning_comes_before_the_text(kimi: MoonshotProvider) -> None:
    answer = await read(kimi.stream(asking("reasoning")))
    assert "".join(answer.reasoning) == "The person wants rivers."
    assert answer.text == "Seine, Nile, Mekong."


async def test_long_answer_is_whole(kimi: MoonshotProvider) -> None:
    answer = await read(kimi.stream(asking("long")))
    assert answer.text == "".join(f"word {number} " for number in range(500))


async def test_one_read_of_the_socket_is_one_event(kimi: MoonshotProvider) -> None:
    answer = await read(kimi.stream(asking("one-packet")))
    assert [event for event in answer.events if isinstance(event, Text)] == [Text("Seine, Nile, Mekong.")]


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [
        ("length", FinishReason.LENGTH),
        ("filter-midway", FinishReason.FILTERED),
        ("no-done", FinishReason.DONE),
        ("no-reason", FinishReason.DONE),
        ("drop-after-reason", FinishReason.DONE),
        ("drop-after-done", FinishReason.DONE),
    ],
)
async def test_one_sign_of_the_end_is_enough(kimi: MoonshotProvider, scenario: str, reason: FinishReason) -> None:
    answer = await read(kimi.stream(asking(scenario)))
    assert (answer.failure, answer.finish) == (None, reason)


@pytest.mark.parametrize(
    ("scenario", "kind", "text"),
    [
        ("no-end", Failure.BROKEN, "Seine, Nile, Mekong."),
        ("nothing", Failure.BROKEN, ""),
        ("garbled", Failure.BROKEN, "Seine, Nile, "),
        ("drop", Failure.BROKEN, "Seine, Nile, "),
        ("error-midway", Failure.BUSY, "Seine, Nile, "),
        ("error-midway-server", Failure.UNAVAILABLE, "Seine, Nile, "),
    ],
)
async def test_failure_midway_keeps_the_text(kimi: MoonshotProvider, scenario: str, kind: Failure, text: str) -> None:
    answer = await read(kimi.stream(asking(scenario)))
    assert answer.failure is not None
    assert (answer.failure.kind, answer.text, answer.finish) == (kind, text, None)
    assert (answer.failure.__cause__, answer.failure.__context__) == (None, None)


@pytest.mark.parametrize(
    ("scenario", "kind", "retry_after"),
    [
        ("400", Failure.REJECTED, None),
        ("400-filter", Failure.FILTERED, None),
        ("400-too-long", Failure.TOO_LARGE, None),
        ("401", Failure.HOUSE, None),
        ("401-key", Failure.HOUSE, None),
        ("403", Failure.HOUSE, None),
        ("403-balance", Failure.HOUSE, None),
        ("404", Failure.MODEL_GONE, None),
        ("429-overloaded", Failure.BUSY, None),
        ("429-concurrency", Failure.BUSY, 1.0),
        ("429-rpm", Failure.BUSY, 20.0),
        ("429-tpm", Failure.BUSY, None),
        ("429-tpd", Failure.HOUSE, None),
        ("429-balance", Failure.HOUSE, None),
        ("499", Failure.UNAVAILABLE, None),
        ("500", Failure.UNAVAILABLE, None),
        ("500-unexpected", Failure.UNAVAILABLE, None),
        ("503", Failure.UNAVAILABLE, None),
    ],
)
async def test_refusal_gives_nothing_else(
    vendor: MoonshotStandIn, kimi: MoonshotProvider, scenario: str, kind: Failure, retry_after: float | None
) -> None:
    answer = await read(kimi.stream(asking(scenario)))
    assert answer.events == []
    assert answer.failure is not None
    assert (answer.failure.kind, answer.failure.retry_after) == (kind, retry_after)
    assert (answer.failure.__cause__, answer.failure.__context__) == (None, None)
    assert len(vendor.requests) == 1  # the SDK's own retries are off


async def test_silence_is_a_timeout_before_and_amid_the_answer(vendor: MoonshotStandIn) -> None:
    hasty = MoonshotProvider(api_key=vendor.key, base_url=vendor.url, timeouts=Timeouts(silence=0.4))
    before, amid = [await read(hasty.stream(asking(scenario))) for scenario in ("hang", "hang-midway")]
    await hasty.close()
    assert before.failure is not None
    assert (before.failure.kind, before.failure.__context__, before.events) == (Failure.TIMEOUT, None, [])
    assert amid.failure is not None
    assert (amid.failure.kind, amid.failure.__context__, amid.text) == (Failure.TIMEOUT, None, "Seine, Nile, ")


async def test_closing_the_stream_aborts_upstream_at_once(vendor: MoonshotStandIn, kimi: MoonshotProvider) -> None:
    async with aclosing(kimi.stream(asking("hang-midway"))) as events:
        async for event in events:
            if isinstance(event, Text):
                break
    await vendor.until(lambda: vendor.left == 1)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"temperature": 0.3}, 400),
        ({"model": "kimi-k2-0905-preview"}, 404),
        ({"model": "kimi-k2.7-code", "thinking": {"type": "disabled"}}, 400),
        ({"model": "kimi-k3", "thinking": {"type": "enabled"}}, 400),
        ({"model": "kimi-k3", "reasoning_effort": "low"}, 200),
        ({"max_completion_tokens": 262_144}, 400),
        ({"messages": []}, 400),
        ({"messages": [{"role": "user", "content": ""}]}, 400),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x/y"}}]}]},
            400,
        ),
    ],
)
async def test_stand_in_refuses_what_the_vendor_refuses(
    vendor: MoonshotStandIn, change: dict[str, object], status: int
) -> None:
    assert (await post(vendor, change)).status_code == status
    assert vendor.violations == []


@pytest.mark.parametrize("change", [{"safety_identifier": "u_1"}, {"user": "ann"}, {"prompt_cache_key": "ann"}])
async def test_stand_in_notes_what_must_not_be_sent(vendor: MoonshotStandIn, change: dict[str, object]) -> None:
    assert (await post(vendor, change)).status_code == 400
    assert vendor.violations == [f"fields: {list(change)}"]


async def post(vendor: MoonshotStandIn, change: dict[str, object]) -> httpx2.Response:
    body = {"model": MODEL, "max_completion_tokens": 9, "messages": [{"role": "user", "content": "a\nb"}], **change}
    headers = {"authorization": f"Bearer {vendor.key}", "user-agent": "caicaini"}
    async with httpx2.AsyncClient(trust_env=False) as client:
        client.headers.pop("connection")
        return await client.post(f"{vendor.url}/chat/completions", json=body, headers=headers)
