"""What Anthropic refuses, and what must never be sent to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chat.tests.standins.server import Problem, Received

HEADERS = {"host", "accept", "accept-encoding", "content-type", "content-length", "user-agent", "anthropic-version"}
KEY_HEADERS = {"authorization", "x-api-key"}
FIELDS = {"model", "max_tokens", "messages", "system", "stream", "cache_control", "thinking", "output_config"}
SAMPLING = {"temperature", "top_p", "top_k"}

ALWAYS_THINKING = {"claude-fable-5-2", "claude-fable-5-1", "claude-opus-5-5"}
MODELS = ALWAYS_THINKING | {
    "claude-fable-5", "claude-opus-5", "claude-opus-4-8", "claude-sonnet-5-5", "claude-sonnet-5", "claude-sonnet-4-6",
    "claude-haiku-5-5", "claude-haiku-4-5",
}  # fmt: skip
LARGEST_REQUEST = 32 * 1024 * 1024
LARGEST_IMAGE = 10_485_760  # characters of base64
LARGEST_OUTPUT = 128_000

Body = dict[str, Any]
Rule = Callable[[Body], str | None]


def problem_of(request: Received, key: str) -> Problem | None:
    """Give the first thing that is wrong with a request."""
    return _of_call(request, key) or _of_vendor(request.body) or _of_promise(request)


def _of_call(request: Received, key: str) -> Problem | None:
    if (request.method, request.path) != ("POST", "/v1/messages"):
        return Problem(404, "not_found_error", "Not found")
    if {request.headers.get("authorization"), request.headers.get("x-api-key")}.isdisjoint({f"Bearer {key}", key}):
        return Problem(401, "authentication_error", "invalid x-api-key")
    if "anthropic-version" not in request.headers:
        return Problem(400, "invalid_request_error", "anthropic-version: header is required")
    if len(request.raw) > LARGEST_REQUEST:
        return Problem(413, "request_too_large", "Request exceeds the maximum size")
    return None


def _of_vendor(body: Body) -> Problem | None:
    if body.get("model") not in MODELS:
        return Problem(404, "not_found_error", f"model: {body.get('model')}")
    for rule in RULES:
        if message := rule(body):
            return Problem(400, "invalid_request_error", message)
    return None


def _of_promise(request: Received) -> Problem | None:
    """P07: the prompt and its files and nothing else."""
    names = set(request.headers)
    if extra := (names - HEADERS - KEY_HEADERS) | (HEADERS - names):
        return _violation(f"headers: {sorted(extra)}")
    if request.headers["user-agent"] != "caicaini":
        return _violation("user-agent")
    if extra := set(request.body) - FIELDS:
        return _violation(f"fields: {sorted(extra)}")
    if any(set(message) != {"role", "content"} for message in request.body["messages"]):
        return _violation("fields of a message")
    return None


def _violation(message: str) -> Problem:
    return Problem(400, "invalid_request_error", message, is_violation=True)


def _length(body: Body) -> str | None:
    return None if 0 < body.get("max_tokens", 0) <= LARGEST_OUTPUT else "max_tokens: out of range"


def _turns(body: Body) -> str | None:
    if not body.get("messages"):
        return "messages: at least one message is required"
    if body["messages"][-1]["role"] == "assistant":
        return "This model does not support assistant message prefill."
    return None


def _sampling(body: Body) -> str | None:
    found = SAMPLING & set(body)
    return f"{min(found)}: not supported" if found else None


def _thinking(body: Body) -> str | None:
    thinking = body.get("thinking", {})
    if "budget_tokens" in thinking:
        return "thinking.enabled.budget_tokens: not supported for this model"
    if thinking.get("type") == "disabled" and body["model"] in ALWAYS_THINKING:
        return '"thinking.type.disabled" is not supported for this model'
    return None


def _texts(body: Body) -> str | None:
    for _role, block in _blocks(body):
        if block["type"] == "text" and not block["text"].strip():
            return "messages: text content blocks must be non-empty"
    return None


def _files(body: Body) -> str | None:
    for role, block in _blocks(body):
        if block["type"] == "document" and role == "assistant":
            return "messages: document blocks are not allowed in assistant messages"
        size = len(block.get("source", {}).get("data", ""))
        if block["type"] == "image" and size > LARGEST_IMAGE:
            return f"messages: image exceeds 10 MB maximum: {size} bytes > {LARGEST_IMAGE} bytes"
    return None


def _blocks(body: Body) -> Iterator[tuple[str, Body]]:
    for message in body["messages"]:
        content = message["content"]
        for block in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            yield message["role"], block
    for block in body.get("system", []):
        yield "system", block


RULES: tuple[Rule, ...] = (_length, _turns, _sampling, _thinking, _texts, _files)
