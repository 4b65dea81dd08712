"""Claude over the real SDK and a real socket: every known answer becomes the right events or the right failure."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing

import httpx2
import pytest

from chat.providers.anthropic import AnthropicProvider
from chat.providers.base import Failure, FinishReason, Reasoning, Request, Role, Text, Turn, Usage
from chat.providers.transport import Timeouts
from chat.tests.reading import read, request
from chat.tests.standins.anthropic import AnthropicStandIn
from chat.tests.standins.anthropic_scenarios import CHARACTER

SECRET = "zebra-crossing-4711"


@pytest.fixture
async def vendor() -> AsyncIterator[AnthropicStandIn]:
    async with AnthropicStandIn() as stand_in:
        yield stand_in


@pytest.fixture
async def claude(vendor: AnthropicStandIn) -> AsyncIterator[AnthropicProvider]:
    provider = AnthropicProvider(api_key=vendor.key, base_url=vendor.url)
    yield provider
    await provider.close()


async def test_answer_comes_as_usage_text_usage_finish(claude: AnthropicProvider) -> None:
    answer = await read(claude.stream(request()))
    assert answer.failure is None
    assert answer.text == "Seine, Nile, Mekong."
    assert answer.events[0] == Usage(input=12, cached=0, cache_write=0, output=1)
    assert answer.usage == Usage(input=12, cached=0, cache_write=0, output=9)
    assert answer.finish is FinishReason.DONE


async def test_request_carries_exactly_what_the_promise_allows(
    vendor: AnthropicStandIn, claude: AnthropicProvider
) -> None:
    asked = Request(
        model="claude-sonnet-5-5",
        system="You are Caicaini.",
        turns=(
            Turn(Role.USER, "Hi"),
            Turn(Role.ASSISTANT, "Hello"),
            Turn(Role.ASSISTANT, " "),
            Turn(Role.USER, "Go on"),
        ),
        max_output=100,
        options={"output_config": {"effort": "low"}, "model": "another"},
    )
    await read(claude.stream(asked))
    assert vendor.violations == []
    assert vendor.requests[0].body == {
        "model": "claude-sonnet-5-5",
        "max_tokens": 100,
        "stream": True,
        "cache_control": {"type": "ephemeral"},
        "output_config": {"effort": "low"},
        "system": [{"type": "text", "text": "You are Caicaini."}],
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Hello"},
            {"role": "user", "content": "Go on"},
        ],
    }
    assert set(vendor.requests[0].headers) == {
        "host", "accept", "accept-encoding", "content-type", "content-length", "user-agent", "authorization",
        "anthropic-version",
    }  # fmt: skip


async def test_cookie_of_the_vendors_edge_is_never_sent_back(vendor: AnthropicStandIn) -> None:
    by_name = vendor.url.replace("127.0.0.1", "localhost")  # cookies of bare addresses are dropped anyway
    claude = AnthropicProvider(api_key=vendor.key, base_url=by_name)
    for _ in range(2):
        await read(claude.stream(request()))
    await claude.close()
    assert len(vendor.requests) == 2
    assert vendor.violations == []


async def test_environment_cannot_add_headers_or_another_address(
    vendor: AnthropicStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Spy: 1\nAuthorization: Bearer other")
    for name in ("ANTHROPIC_BASE_URL", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    claude = AnthropicProvider(api_key=vendor.key, base_url=vendor.url)
    answer = await read(claude.stream(request()))
    await claude.close()
    assert answer.failure is None
    assert vendor.violations == []


async def test_connection_is_used_again(vendor: AnthropicStandIn, claude: AnthropicProvider) -> None:
    for _ in range(3):
        await read(claude.stream(request("[[scenario:late-last-chunk]]")))
    assert (len(vendor.requests), vendor.connections) == (3, 1)


@pytest.mark.parametrize("scenario", ["one-packet", "crlf"])
async def test_one_read_of_the_socket_is_one_event(claude: AnthropicProvider, scenario: str) -> None:
    answer = await read(claude.stream(request(f"[[scenario:{scenario}]]")))
    assert [event for event in answer.events if isinstance(event, Text)] == [Text("Seine, Nile, Mekong.")]
    assert answer.finish is FinishReason.DONE


@pytest.mark.parametrize("scenario", ["split-character", "split-everywhere"])
async def test_characters_and_frames_may_be_split_over_packets(claude: AnthropicProvider, scenario: str) -> None:
    answer = await read(claude.stream(request(f"[[scenario:{scenario}]]")))
    assert answer.text == CHARACTER
    assert answer.finish is FinishReason.DONE


async def test_hidden_thinking_is_announced_once(claude: AnthropicProvider) -> None:
    answer = await read(claude.stream(request("[[scenario:thinking-hidden]]")))
    assert [event for event in answer.events if isinstance(event, Reasoning)] == [Reasoning("")]
    assert answer.text == "Hello"


async def test_shown_thinking_is_given(claude: AnthropicProvider) -> None:
    answer = await read(claude.stream(request("[[scenario:thinking]]")))
    assert "".join(answer.reasoning) == "Rivers it is."
    assert answer.text == "Hello"


async def test_usage_is_cumulative_and_keeps_what_is_not_repeated(claude: AnthropicProvider) -> None:
    answer = await read(claude.stream(request("[[scenario:cache]]")))
    assert answer.usage == Usage(input=22, cached=1800, cache_write=300, output=9)


async def test_long_answer_is_whole(claude: AnthropicProvider) -> None:
    answer = await read(claude.stream(request("[[scenario:long]]")))
    assert answer.text == "".join(f"word {number} " for number in range(500))


async def test_pings_are_no_events(claude: AnthropicProvider) -> None:
    answer = await read(claude.stream(request("[[scenario:slow]]")))
    assert answer.text == "drip " * 20


async def test_unknown_frames_blocks_and_pieces_are_passed_over(claude: AnthropicProvider) -> None:
    answer = await read(claude.stream(request("[[scenario:unknown]]")))
    assert (answer.text, answer.finish) == ("Hello", FinishReason.DONE)


@pytest.mark.parametrize(
    ("scenario", "reason", "text"),
    [
        ("refusal", FinishReason.REFUSED, ""),
        ("refusal-midway", FinishReason.REFUSED, "Seine, Nile, "),
        ("no-text", FinishReason.LENGTH, ""),
        ("window-full", FinishReason.LENGTH, "Seine, Nile, "),
        ("stop-sequence", FinishReason.DONE, "Seine, Nile, "),
        ("new-reason", FinishReason.DONE, "Seine, Nile, "),
        ("no-last-chunk", FinishReason.DONE, "Seine, Nile, Mekong."),
    ],
)
async def test_ending_is_told(claude: AnthropicProvider, scenario: str, reason: FinishReason, text: str) -> None:
    answer = await read(claude.stream(request(f"[[scenario:{scenario}]]")))
    assert (answer.failure, answer.finish, answer.text) == (None, reason, text)


@pytest.mark.parametrize(
    ("scenario", "kind"),
    [
        ("error-midway", Failure.BUSY),
        ("error-same-packet", Failure.BUSY),
        ("error-midway-api", Failure.UNAVAILABLE),
        ("error-midway-new", Failure.UNAVAILABLE),
        ("no-reason", Failure.BROKEN),
        ("garbled", Failure.BROKEN),
        ("oversize", Failure.BROKEN),
        ("drop", Failure.BROKEN),
    ],
)
async def test_failure_midway_keeps_text_and_input_count(
    claude: AnthropicProvider, scenario: str, kind: Failure
) -> None:
    answer = await read(claude.stream(request(f"[[scenario:{scenario}]]")))
    assert answer.failure is not None
    assert answer.failure.kind is kind
    assert answer.text == "Seine, Nile, "
    assert answer.usage.input == 12
    assert answer.finish is None


async def test_stream_without_its_last_frame_is_incomplete(claude: AnthropicProvider) -> None:
    answer = await read(claude.stream(request("[[scenario:no-stop]]")))
    assert answer.failure is not None
    assert answer.failure.kind is Failure.BROKEN
    assert answer.finish is None


@pytest.mark.parametrize(
    ("scenario", "kind", "retry_after"),
    [
        ("400", Failure.REJECTED, None),
        ("400-own-limit", Failure.HOUSE, None),
        ("400-too-long", Failure.TOO_LARGE, None),
        ("401", Failure.HOUSE, None),
        ("402", Failure.HOUSE, None),
        ("403", Failure.HOUSE, None),
        ("404", Failure.MODEL_GONE, None),
        ("413-html", Failure.TOO_LARGE, None),
        ("429", Failure.BUSY, 1.0),
        ("429-day", Failure.BUSY, 86_400.0),
        ("429-spend", Failure.HOUSE, None),
        ("429-ramp", Failure.BUSY, None),
        ("500", Failure.UNAVAILABLE, None),
        ("504", Failure.TIMEOUT, None),
        ("529", Failure.BUSY, None),
        ("302", Failure.NOT_CONFIGURED, None),
        ("drop-before-head", Failure.UNAVAILABLE, None),
        ("error-first", Failure.BUSY, None),
        ("nothing", Failure.BROKEN, None),
        ("html", Failure.BROKEN, None),
    ],
)
async def test_failure_before_the_answer_gives_nothing_else(
    vendor: AnthropicStandIn, claude: AnthropicProvider, scenario: str, kind: Failure, retry_after: float | None
) -> None:
    answer = await read(claude.stream(request(f"[[scenario:{scenario}]]")))
    assert answer.events == []
    assert answer.failure is not None
    assert (answer.failure.kind, answer.failure.retry_after) == (kind, retry_after)
    assert len(vendor.requests) == 1  # the SDK's own retries are off


async def test_silence_is_a_timeout_before_and_amid_the_answer(vendor: AnthropicStandIn) -> None:
    hasty = AnthropicProvider(api_key=vendor.key, base_url=vendor.url, timeouts=Timeouts(silence=0.4))
    before, amid = [
        await read(hasty.stream(request(f"[[scenario:{scenario}]]"))) for scenario in ("hang", "hang-midway")
    ]
    await hasty.close()
    assert before.failure is not None
    assert (before.failure.kind, before.failure.__context__, before.events) == (Failure.TIMEOUT, None, [])
    assert amid.failure is not None
    assert (amid.failure.kind, amid.failure.__context__, amid.text) == (Failure.TIMEOUT, None, "Seine, Nile, ")


async def test_negative_count_is_not_believed(claude: AnthropicProvider) -> None:
    answer = await read(claude.stream(request("[[scenario:negative-usage]]")))
    assert answer.failure is not None
    assert (answer.failure.kind, answer.events) == (Failure.BROKEN, [])


async def test_wrong_key_is_the_houses_trouble(vendor: AnthropicStandIn) -> None:
    claude = AnthropicProvider(api_key="wrong", base_url=vendor.url)
    answer = await read(claude.stream(request()))
    await claude.close()
    assert answer.failure is not None
    assert answer.failure.kind is Failure.HOUSE


async def test_nobody_listening_is_unavailable() -> None:
    async with AnthropicStandIn() as gone:
        pass
    claude = AnthropicProvider(api_key=gone.key, base_url=gone.url)
    answer = await read(claude.stream(request()))
    await claude.close()
    assert answer.failure is not None
    assert answer.failure.kind is Failure.UNAVAILABLE


async def test_server_without_tls_is_unavailable_over_https(vendor: AnthropicStandIn) -> None:
    by_tls = vendor.url.replace("http:", "https:")
    claude = AnthropicProvider(api_key=vendor.key, base_url=by_tls, timeouts=Timeouts(silence=0.3, connect=0.3))
    answer = await read(claude.stream(request()))
    await claude.close()
    assert answer.failure is not None
    assert answer.failure.kind is Failure.UNAVAILABLE
    assert vendor.requests == []


async def test_closing_the_stream_aborts_upstream_at_once(vendor: AnthropicStandIn, claude: AnthropicProvider) -> None:
    async with aclosing(claude.stream(request("[[scenario:hang-midway]]"))) as events:
        async for event in events:
            if isinstance(event, Text):
                break
    await vendor.until(lambda: vendor.left == 1)


async def test_cancelling_the_reader_aborts_upstream_at_once(
    vendor: AnthropicStandIn, claude: AnthropicProvider
) -> None:
    reader = asyncio.create_task(read(claude.stream(request("[[scenario:hang]]"))))
    await vendor.until(lambda: len(vendor.requests) == 1)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    await vendor.until(lambda: vendor.left == 1)


async def test_half_a_character_in_the_prompt_is_rejected(vendor: AnthropicStandIn, claude: AnthropicProvider) -> None:
    answer = await read(claude.stream(request("\ud83d")))
    assert answer.failure is not None
    assert answer.failure.kind is Failure.REJECTED
    assert vendor.requests == []


@pytest.mark.parametrize("scenario", ["400-too-long", "429", "garbled", "drop", "error-midway"])
async def test_failure_holds_neither_prompt_nor_the_vendors_words(claude: AnthropicProvider, scenario: str) -> None:
    answer = await read(claude.stream(request(f"{SECRET} [[scenario:{scenario}]]")))
    assert answer.failure is not None
    assert (answer.failure.__cause__, answer.failure.__context__) == (None, None)
    assert answer.failure.args == (answer.failure.kind.value,)


async def test_prompt_is_not_logged_even_when_the_environment_asks_for_it(
    vendor: AnthropicStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("anthropic").setLevel(logging.DEBUG)  # what ANTHROPIC_LOG=debug does at import
    claude = AnthropicProvider(api_key=vendor.key, base_url=vendor.url)
    await read(claude.stream(request(SECRET)))
    await claude.close()
    assert len(vendor.requests) == 1
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"metadata": {"user_id": "u_1"}}, 400),
        ({"user": "ann"}, 400),
        ({"temperature": 0.5}, 400),
        ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, 400),
        ({"model": "claude-opus-5-5", "thinking": {"type": "disabled"}}, 400),
        ({"model": "claude-2"}, 404),
        ({"messages": []}, 400),
        ({"messages": [{"role": "user", "content": " "}]}, 400),
        ({"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "He"}]}, 400),
        ({"messages": [{"role": "user", "content": "Hi", "name": "ann"}]}, 400),
    ],
)
async def test_stand_in_refuses_what_the_vendor_or_the_promise_refuses(
    vendor: AnthropicStandIn, change: dict[str, object], status: int
) -> None:
    body = {"model": "claude-sonnet-5-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}], **change}
    assert (await post(vendor, body)).status_code == status


async def test_stand_in_notes_what_must_not_be_sent(vendor: AnthropicStandIn) -> None:
    body = {"model": "claude-sonnet-5-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    assert (await post(vendor, body)).status_code == 200
    assert vendor.violations == []
    await post(vendor, body | {"metadata": {"user_id": "u_1"}})
    await post(vendor, body, {"x-stainless-os": "Linux"})
    assert vendor.violations == ["fields: ['metadata']", "headers: ['x-stainless-os']"]
    assert (await post(vendor, body, {"anthropic-version": None})).status_code == 400


async def post(
    vendor: AnthropicStandIn, body: dict[str, object], changes: dict[str, str | None] | None = None
) -> httpx2.Response:
    headers: dict[str, str | None] = {
        "authorization": f"Bearer {vendor.key}",
        "anthropic-version": "2026-10-21",
        "user-agent": "caicaini",
        **(changes or {}),
    }
    async with httpx2.AsyncClient(trust_env=False) as client:
        client.headers.pop("connection")
        given = {name: value for name, value in headers.items() if value is not None}
        return await client.post(f"{vendor.url}/v1/messages", json=body, headers=given)
