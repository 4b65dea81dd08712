"""Everything that Anthropic is known to answer, by name."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from chat.tests.standins.anthropic_frames import (
    HALF,
    PING,
    WHOLE,
    block,
    changes,
    close,
    delta,
    end,
    frame,
    problem,
    start,
    text,
)
from chat.tests.standins.scenes import Scenes, play, play_for_ever, play_out
from chat.tests.standins.server import Call, Reply

SCENARIOS = Scenes()
CHARACTER = "Seine \N{WATER WAVE} 河"


def refuses(
    name: str,
    status: int,
    kind: str,
    message: str = "A message.",
    code: str = "",
    headers: Mapping[str, str] | None = None,
) -> None:
    """Register an error before the stream."""

    async def play_it(call: Call) -> None:
        await error(call.reply, status, kind, message, code, headers)

    SCENARIOS[name] = play_it


async def error(
    reply: Reply, status: int, kind: str, message: str, code: str = "", headers: Mapping[str, str] | None = None
) -> None:
    details = {"details": {"error_code": code}} if code else {}
    body = {"type": kind, "message": message, **details}
    await reply.send_json(status, {"type": "error", "error": body, "request_id": "req_01Stub"}, headers)


SCENARIOS.stream("ok", *WHOLE)
SCENARIOS.stream("one-packet", b"".join(WHOLE))
SCENARIOS.stream("crlf", b"".join(WHOLE).replace(b"\n", b"\r\n"))
SCENARIOS.stream(
    "thinking-hidden",
    start(),
    block(0, "thinking"),
    delta(0, "signature_delta", signature="c2ln"),
    close(),
    block(1, "text"),
    text("Hello", 1),
    close(1),
    *end(),
)
SCENARIOS.stream(
    "thinking",
    start(),
    block(0, "thinking"),
    delta(0, "thinking_delta", thinking="Rivers "),
    delta(0, "thinking_delta", thinking="it is."),
    delta(0, "signature_delta", signature="c2ln"),
    close(),
    block(1, "redacted_thinking"),
    close(1),
    block(2, "text"),
    text("Hello", 2),
    close(2),
    *end(),
)
FLOOD = [f"{number:>16}" * 1_000 for number in range(64)]  # one megabyte
SCENARIOS.stream("flood", start(), block(0, "text"), *(text(words) for words in FLOOD), close(), *end())
SCENARIOS.stream(
    "long", start(), block(0, "text"), *(text(f"word {number} ") for number in range(500)), close(), *end()
)
SCENARIOS.stream(
    "slow", start(), block(0, "text"), *(part for _ in range(20) for part in (PING, text("drip "))), close(), *end()
)
SCENARIOS.stream("refusal", start(), *end("refusal"))
SCENARIOS.stream("refusal-midway", *HALF, close(), *end("refusal"))
SCENARIOS.stream(
    "no-text", start(), block(0, "thinking"), close(), changes("max_tokens", output_tokens=4096), frame("message_stop")
)
SCENARIOS.stream("window-full", *HALF, close(), *end("model_context_window_exceeded"))
SCENARIOS.stream("stop-sequence", *HALF, close(), *end("stop_sequence"))
SCENARIOS.stream("new-reason", *HALF, close(), *end("pause_turn"))
SCENARIOS.stream("error-midway", *HALF, problem("overloaded_error", "Overloaded"))
SCENARIOS.stream("error-first", problem("overloaded_error", "Overloaded"))
SCENARIOS.stream("error-midway-api", *HALF, problem("api_error"))
SCENARIOS.stream("error-midway-new", *HALF, problem("meltdown_error"))
SCENARIOS.stream("error-same-packet", b"".join((*HALF, problem("overloaded_error"))))
SCENARIOS.stream("no-stop", *WHOLE[:-1])
SCENARIOS.stream("no-reason", *HALF, close(), changes(None, output_tokens=9), frame("message_stop"))
SCENARIOS.stream("nothing")
SCENARIOS.stream("garbled", *HALF, b"event: content_block_delta\ndata: {not json\n\n")
SCENARIOS.stream("negative-usage", start(input_tokens=-5), *WHOLE[1:])
SCENARIOS.stream("oversize", *HALF, b"data: " + b"x" * 1_100_000)
SCENARIOS.stream("html", b"<!doctype html><p>This network wants you to log in.</p>")
SCENARIOS.stream(
    "unknown",
    start(),
    frame("message_weather", sky="blue"),
    block(0, "text"),
    text("Hello"),
    delta(0, "sound_delta", sound="moo"),
    delta(0, "shape_delta", text={"rows": 2}),
    frame("content_block_start", index=1, content_block={"type": "hologram"}),
    close(),
    *end(),
)
SCENARIOS.stream(
    "cache",
    start(input_tokens=21, cache_creation_input_tokens=300, cache_read_input_tokens=1800),
    block(0, "text"),
    text("Hello"),
    close(),
    changes(None, output_tokens=4),
    changes("end_turn", input_tokens=22, cache_read_input_tokens=None, output_tokens=9),
    frame("message_stop"),
)

refuses("400", 400, "invalid_request_error")
refuses("400-own-limit", 400, "invalid_request_error", "You have reached your specified API usage limits. You will...")
refuses("400-too-long", 400, "invalid_request_error", "prompt is too long: 1040000 tokens > 1000000 maximum")
refuses("401", 401, "authentication_error", "invalid x-api-key")
refuses("402", 402, "billing_error")
refuses("403", 403, "permission_error")
refuses("404", 404, "not_found_error", "model: claude-sonnet-4-5")
refuses("429", 429, "rate_limit_error", headers={"retry-after": "1"})
refuses("429-day", 429, "rate_limit_error", headers={"retry-after": "86400"})
refuses("429-spend", 429, "rate_limit_error", code="enforced_spend_limit_reached")
refuses("429-ramp", 429, "rate_limit_error", code="ramp_limit_exceeded")
refuses("500", 500, "api_error", "Internal server error")
refuses("504", 504, "timeout_error")
refuses("529", 529, "overloaded_error", "Overloaded")


@SCENARIOS.add("split-character")
async def _split_character(call: Call) -> None:
    whole = text(CHARACTER)
    middle = whole.index("河".encode()) + 1
    await play_out(call, start(), block(0, "text"), whole[:middle], whole[middle:], close(), *end())


@SCENARIOS.add("split-everywhere")
async def _split_everywhere(call: Call) -> None:
    whole = b"".join((start(), block(0, "text"), text(CHARACTER), close(), *end()))
    await play_out(call, *(whole[place : place + 7] for place in range(0, len(whole), 7)))


@SCENARIOS.add("drop")
async def _drop(call: Call) -> None:
    await play(call, *HALF, text("Mekong.")[:40])
    call.reply.cut()


@SCENARIOS.add("drop-before-head")
async def _drop_before_head(call: Call) -> None:
    call.reply.cut()


@SCENARIOS.add("529-once")
async def _overloaded_once(call: Call) -> None:
    # Every other request, so that a server which lives for many tests can be asked again.
    if call.number % 2:
        await error(call.reply, 529, "overloaded_error", "Overloaded")
    else:
        await play_out(call, *WHOLE)


@SCENARIOS.add("413-html")
async def _too_large_at_the_edge(call: Call) -> None:
    page = b"<html><head><title>413 Request Entity Too Large</title></head></html>"
    await call.reply.send(413, page, {"content-type": "text/html"})


@SCENARIOS.add("302")
async def _moved(call: Call) -> None:
    await call.reply.send(302, b"", {"location": "http://127.0.0.1:9/elsewhere"})


@SCENARIOS.add("hang")
async def _hang(call: Call) -> None:
    await call.reply.hang()


@SCENARIOS.add("hang-midway")
async def _hang_midway(call: Call) -> None:
    await play(call, *HALF)
    await call.reply.hang()


@SCENARIOS.add("pings-for-ever")
async def _pings(call: Call) -> None:
    await play(call, *HALF)
    await play_for_ever(call, PING)


@SCENARIOS.add("late-last-chunk")
async def _late_last_chunk(call: Call) -> None:
    await play(call, *WHOLE)
    await asyncio.sleep(0.05)
    await call.reply.end()


@SCENARIOS.add("no-last-chunk")
async def _no_last_chunk(call: Call) -> None:
    await play(call, *WHOLE)
    await call.reply.hang()
