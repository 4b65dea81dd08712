"""A local server that speaks OpenAI's chat completions, such as Ollama, as a stand-in; it wants no key."""

from __future__ import annotations

from chat.tests.standins.moonshot_frames import DONE, HALF, OPENAI_USAGE, TEXT, last, piece, top
from chat.tests.standins.moonshot_rules import HEADERS, of_promise
from chat.tests.standins.scenes import Scenes
from chat.tests.standins.server import Call, Problem, Received, Reply, StandIn, serve

FIELDS = {"model", "messages", "max_tokens", "stream", "stream_options"}
SCENARIOS = Scenes()
SCENARIOS.stream("ok", *TEXT, last(), top(OPENAI_USAGE), DONE)
SCENARIOS.stream("no-usage-no-done", *TEXT, last())
SCENARIOS.stream("no-done-dangling", *TEXT, last(), DONE.rstrip())
SCENARIOS.stream("reasoning", piece(reasoning="Rivers "), piece(reasoning="it is."), *TEXT, last(), DONE)
SCENARIOS.stream("thinking-and-text", piece(reasoning_content="Hm.", content="Yes."), last(), DONE)
SCENARIOS.stream("tools", *HALF, last("tool_calls"), DONE)
SCENARIOS.stream("refusal", piece(refusal="No."), last(), DONE)
SCENARIOS.stream("no-end", *HALF)
SCENARIOS.stream("error-midway", *HALF, b'data: {"error":"model runner has unexpectedly stopped"}\n\n')


@SCENARIOS.add("404")
async def _unknown_model(call: Call) -> None:
    body = {"error": {"message": "model not found, try pulling it first", "type": "api_error", "code": None}}
    await call.reply.send_json(404, body)


@SCENARIOS.add("400-context")
async def _context(call: Call) -> None:
    message = "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens"
    await call.reply.send_json(400, {"object": "error", "message": message, "type": "BadRequestError", "code": 400})


@SCENARIOS.add("502-html")
async def _proxy(call: Call) -> None:
    await call.reply.send(502, b"<html>Bad Gateway</html>", {"content-type": "text/html"})


class LocalStandIn(StandIn):
    """Stands in for a model server on this machine."""

    name = "local"
    key = ""
    base_path = "/v1"
    scenarios = SCENARIOS

    def problem_of(self, request: Received) -> Problem | None:
        headers = HEADERS if self.key else HEADERS - {"authorization"}
        return of_promise(request, headers, FIELDS)

    async def refuse(self, reply: Reply, problem: Problem) -> None:
        await reply.send_json(problem.status, {"error": {"message": problem.message}})


if __name__ == "__main__":
    serve(LocalStandIn)
