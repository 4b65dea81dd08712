"""Everything that Moonshot is known to answer, by name."""

from __future__ import annotations

from collections.abc import Mapping

from chat.tests.standins.moonshot_frames import DONE, HALF, OPENAI_USAGE, TEXT, USAGE, chunk, last, piece, problem, top
from chat.tests.standins.scenes import Scenes, play, play_out
from chat.tests.standins.server import Call, Reply

SCENARIOS = Scenes()
LIMIT = "Your account {org}<ak-stub> request reached "


def refuses(
    name: str, status: int, kind: str, message: str = "A message.", headers: Mapping[str, str] | None = None
) -> None:
    """Register an error before the stream."""

    async def scenario(call: Call) -> None:
        await error(call.reply, status, kind, message, headers)

    SCENARIOS[name] = scenario


async def error(reply: Reply, status: int, kind: str, message: str, headers: Mapping[str, str] | None = None) -> None:
    await reply.send_json(status, {"error": {"message": message, "type": kind}}, headers)


SCENARIOS.stream("ok", *TEXT, last(usage=USAGE), top(USAGE), DONE)
SCENARIOS.stream("one-packet", b"".join((*TEXT, last(usage=USAGE), top(USAGE), DONE)))
SCENARIOS.stream("usage-in-choice", *TEXT, last(usage=USAGE), DONE)
SCENARIOS.stream("usage-on-top", *TEXT, last(), top(USAGE), DONE)
SCENARIOS.stream("usage-as-openai", *TEXT, last(), top(OPENAI_USAGE), DONE)
SCENARIOS.stream("usage-differs", *TEXT, last(usage=USAGE | {"completion_tokens": 99}), top(USAGE), DONE)
SCENARIOS.stream("usage-top-first", *TEXT, top(USAGE), last(usage=USAGE | {"completion_tokens": 99}), DONE)
SCENARIOS.stream("usage-none", *TEXT, last(), DONE)
SCENARIOS.stream("usage-null", *TEXT, chunk([{"index": 0, "delta": {}, "finish_reason": "stop", "usage": None}]), DONE)
SCENARIOS.stream(
    "reasoning",
    piece(role="assistant", content=""),
    piece(reasoning_content="The person "),
    piece(reasoning_content="wants rivers."),
    *TEXT,
    last(usage=USAGE),
    DONE,
)
SCENARIOS.stream("length", *HALF, last("length", USAGE), DONE)
SCENARIOS.stream("filter-midway", *HALF, last("content_filter", USAGE), DONE)
SCENARIOS.stream("long", *(piece(content=f"word {number} ") for number in range(500)), last(usage=USAGE), DONE)
SCENARIOS.stream("slow", *(piece(content="drip ") for _ in range(20)), last(usage=USAGE), DONE)
SCENARIOS.stream("error-midway", *HALF, problem("engine_overloaded_error"))
SCENARIOS.stream("error-midway-server", *HALF, problem("server_error"))
SCENARIOS.stream("no-done", *TEXT, last(usage=USAGE))
SCENARIOS.stream("no-reason", *TEXT, DONE)
SCENARIOS.stream("no-end", *TEXT)
SCENARIOS.stream("nothing")
SCENARIOS.stream("garbled", *HALF, b"data: {not json\n\n")

refuses("400", 400, "invalid_request_error")
refuses("400-filter", 400, "content_filter", "The request was rejected because it was considered high risk")
refuses(
    "400-too-long", 400, "invalid_request_error", "Invalid request: Your request exceeded model token limit: 262144"
)
refuses("401", 401, "invalid_authentication_error", "Invalid Authentication")
refuses("401-key", 401, "incorrect_api_key_error", "Incorrect API key provided")
refuses("403", 403, "permission_denied_error")
refuses("403-balance", 403, "exceeded_current_quota_error", "Your account {org}<ak-stub> is suspended")
refuses("404", 404, "resource_not_found_error", "Not found the model kimi-k2-0905-preview or Permission denied")
refuses("429-overloaded", 429, "engine_overloaded_error", "The engine is currently overloaded, please try again later")
refuses(
    "429-concurrency",
    429,
    "rate_limit_reached_error",
    LIMIT + "max organization concurrency: 1, please try again after 1 seconds",
)
refuses("429-rpm", 429, "rate_limit_reached_error", LIMIT + "max RPM: 3, please try again after 20 seconds")
refuses("429-tpm", 429, "rate_limit_reached_error", LIMIT + "TPM rate limit, current: 500001, limit: 500000")
refuses("429-tpd", 429, "rate_limit_reached_error", LIMIT + "TPD rate limit, current: 1500001, limit: 1500000")
refuses("429-balance", 429, "exceeded_current_quota_error", "Your account {org}<ak-stub> is not active, check billing")
refuses("499", 499, "client_closed_request")
refuses("500", 500, "server_error")
refuses("500-unexpected", 500, "unexpected_output")
refuses("503", 503, "server_unavailable")


@SCENARIOS.add("overloaded-once")
async def _overloaded_once(call: Call) -> None:
    # Every other request, so that a server which lives for many tests can be asked again.
    if call.number % 2:
        await error(call.reply, 429, "engine_overloaded_error", "The engine is currently overloaded")
    else:
        await play_out(call, *TEXT, last(usage=USAGE), DONE)


@SCENARIOS.add("drop")
async def _drop(call: Call) -> None:
    await play(call, *HALF, piece(content="Mekong.")[:40])
    call.reply.cut()


@SCENARIOS.add("drop-after-reason")
async def _drop_after_reason(call: Call) -> None:
    await play(call, *TEXT, last(usage=USAGE))
    call.reply.cut()


@SCENARIOS.add("drop-after-done")
async def _drop_after_done(call: Call) -> None:
    await play(call, *TEXT, last(usage=USAGE), DONE)
    call.reply.cut()


@SCENARIOS.add("hang")
async def _hang(call: Call) -> None:
    await call.reply.hang()


@SCENARIOS.add("hang-midway")
async def _hang_midway(call: Call) -> None:
    await play(call, *HALF)
    await call.reply.hang()
