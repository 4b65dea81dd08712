"""What Moonshot refuses, and what must never be sent to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chat.tests.standins.server import Problem, Received

HEADERS = {"host", "accept", "accept-encoding", "content-type", "content-length", "user-agent", "authorization"}
FIELDS = {
    "model", "messages", "max_completion_tokens", "stream", "stream_options", "thinking", "reasoning_effort",
}  # fmt: skip
FIXED = {"temperature", "top_p", "n", "presence_penalty", "frequency_penalty"}

WINDOWS = {
    "kimi-k3": 1_048_576,
    "kimi-k2.6": 262_144,
    "kimi-k2.5": 262_144,
    "kimi-k2.7-code": 262_144,
    "kimi-k2.7-code-highspeed": 262_144,
}
EFFORTS = {"low", "high", "max"}

Body = dict[str, Any]
Rule = Callable[[Body], str | None]


def problem_of(request: Received, key: str) -> Problem | None:
    """Give the first thing that is wrong with a request."""
    if (request.method, request.path) != ("POST", "/v1/chat/completions"):
        return Problem(404, "resource_not_found_error", "The requested resource was not found")
    if request.headers.get("authorization") != f"Bearer {key}":
        return Problem(401, "invalid_authentication_error", "Invalid Authentication")
    return _of_vendor(request.body) or of_promise(request, HEADERS, FIELDS)


def of_promise(request: Received, headers: set[str], fields: set[str]) -> Problem | None:
    """P07: the prompt and its files and nothing else."""
    if extra := set(request.headers) ^ headers:
        return _violation(f"headers: {sorted(extra)}")
    if request.headers["user-agent"] != "caicaini":
        return _violation("user-agent")
    if extra := set(request.body) - fields:
        return _violation(f"fields: {sorted(extra)}")
    if any(set(message) != {"role", "content"} for message in request.body["messages"]):
        return _violation("fields of a message")
    return None


def _violation(message: str) -> Problem:
    return Problem(400, "invalid_request_error", message, is_violation=True)


def _of_vendor(body: Body) -> Problem | None:
    if body.get("model") not in WINDOWS:
        message = f"Not found the model {body.get('model')} or Permission denied"
        return Problem(404, "resource_not_found_error", message)
    for rule in RULES:
        if message_of_rule := rule(body):
            return Problem(400, "invalid_request_error", message_of_rule)
    return None


def _fixed(body: Body) -> str | None:
    found = FIXED & set(body)
    return f"invalid {min(found)}: only the default is allowed for this model" if found else None


def _thinking(body: Body) -> str | None:
    model, thinking = body["model"], body.get("thinking", {}).get("type")
    if model.startswith("kimi-k2.7-code") and thinking == "disabled":
        return "invalid thinking: only type=enabled is allowed for this model"
    if model == "kimi-k3" and thinking:
        return "invalid thinking: not a parameter of this model"
    return None if body.get("reasoning_effort", "max") in EFFORTS else "invalid reasoning_effort"


def _texts(body: Body) -> str | None:
    if not body.get("messages"):
        return "messages must not be empty"
    if any(block["type"] == "text" and not block["text"].strip() for block in _blocks(body)):
        return "the message content must not be empty"
    return None


def _images(body: Body) -> str | None:
    for block in _blocks(body):
        if block["type"] == "image_url" and not block["image_url"]["url"].startswith(("data:image/", "ms://")):
            return "unsupported image url"
    return None


def _window(body: Body) -> str | None:
    size = sum(-(-len(block.get("text", "")) // 4) for block in _blocks(body))
    limit = WINDOWS[body["model"]]
    if size + body.get("max_completion_tokens", 0) > limit:
        return f"Invalid request: Your request exceeded model token limit: {limit}"
    return None


def _blocks(body: Body) -> Iterator[Body]:
    for message in body["messages"]:
        content = message["content"]
        yield from [{"type": "text", "text": content}] if isinstance(content, str) else content


RULES: tuple[Rule, ...] = (_fixed, _thinking, _texts, _images, _window)
