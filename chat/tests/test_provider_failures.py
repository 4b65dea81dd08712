"""What is not worth a scenario: waits as vendors write them, strange bodies, exceptions of the wire, and the words."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

import aiohttp
import httpx2
import pytest

from chat.providers import failures
from chat.providers.base import Failure, ProviderError
from chat.providers.words import SENTENCES, sentence

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "20"}, 20.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "20"}, 1.5),
        ({"retry-after": "Mon, 23 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Mon, 23 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "999999999"}, 86_400.0),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
    ],
)
def test_wait_is_read_in_all_its_forms_and_capped(headers: dict[str, str], seconds: float | None) -> None:
    assert failures.retry_after(headers, NOON) == seconds


def test_wait_belongs_only_to_what_may_be_tried_again() -> None:
    assert failures.of_response(503, {"retry-after": "3"}, b"").retry_after == 3.0
    assert failures.of_response(401, {"retry-after": "3"}, b"").retry_after is None


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"[]", b'"text"', b'{"error":[1]}', b'{"error":{"type":7,"message":[]}}', b"\xff", b"null"],
)
def test_strange_body_leaves_the_judgement_to_the_status(content: bytes) -> None:
    assert failures.of_response(503, {}, content).kind is Failure.UNAVAILABLE
    assert failures.of_response(418, {}, content).kind is Failure.REJECTED


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, Failure.NOT_CONFIGURED),
        (408, Failure.TIMEOUT),
        (409, Failure.UNAVAILABLE),
        (422, Failure.REJECTED),
        (431, Failure.REJECTED),
        (501, Failure.UNAVAILABLE),
        (204, Failure.BROKEN),
    ],
)
def test_status_alone_is_enough(status: int, kind: Failure) -> None:
    assert failures.of_response(status, {}, b"").kind is kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"error":{"type":"invalid_request_error","code":"context_length_exceeded"}}', Failure.TOO_LARGE),
        (b'{"error":{"details":{"error_code":"organization_on_hold"}}}', Failure.HOUSE),
        (b'{"error":{"message":"Your credit balance is too low to access the API."}}', Failure.HOUSE),
        (b'{"error":{"message":"messages.0: image exceeds 10 MB maximum: 11 > 10"}}', Failure.TOO_LARGE),
        # A message that quotes the prompt later on must not be taken for an alarm.
        (b'{"error":{"message":"invalid text: your credit balance is too low"}}', Failure.REJECTED),
    ],
)
def test_body_tells_causes_of_a_400_apart(body: bytes, kind: Failure) -> None:
    assert failures.of_response(400, {}, body).kind is kind


@pytest.mark.parametrize(
    ("error", "before", "after"),
    [
        (httpx2.ConnectError(""), Failure.UNAVAILABLE, Failure.BROKEN),
        (httpx2.ReadError(""), Failure.UNAVAILABLE, Failure.BROKEN),
        (httpx2.RemoteProtocolError(""), Failure.UNAVAILABLE, Failure.BROKEN),
        (aiohttp.ClientPayloadError(), Failure.UNAVAILABLE, Failure.BROKEN),
        (aiohttp.ServerDisconnectedError(), Failure.UNAVAILABLE, Failure.BROKEN),
        (ConnectionResetError(), Failure.UNAVAILABLE, Failure.BROKEN),
        (ssl.SSLCertVerificationError(), Failure.UNAVAILABLE, Failure.BROKEN),
        (httpx2.ConnectTimeout(""), Failure.UNAVAILABLE, Failure.UNAVAILABLE),
        (httpx2.ReadTimeout(""), Failure.TIMEOUT, Failure.TIMEOUT),
        (TimeoutError(), Failure.TIMEOUT, Failure.TIMEOUT),
        (httpx2.DecodingError(""), Failure.BROKEN, Failure.BROKEN),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, ""), Failure.REJECTED, Failure.REJECTED),
    ],
)
def test_exception_of_the_wire_is_judged_by_when_it_came(error: Exception, before: Failure, after: Failure) -> None:
    assert isinstance(error, failures.MISHAPS)
    assert failures.of_exception(error, has_begun=False).kind is before
    assert failures.of_exception(error, has_begun=True).kind is after


def test_cause_inside_an_sdks_wrapping_counts() -> None:
    class WrappedError(Exception): ...

    wrapped = WrappedError()
    wrapped.__cause__ = httpx2.ReadTimeout("")
    assert failures.of_exception(wrapped, has_begun=False).kind is Failure.TIMEOUT


def test_text_of_a_failure_is_its_kind_and_nothing_else() -> None:
    error = failures.of_response(400, {}, b'{"error":{"message":"you wrote: my diary"}}')
    assert (str(error), error.__dict__) == ("provider_rejected", {"kind": Failure.REJECTED, "retry_after": None})


def test_every_failure_has_words_and_they_name_no_vendor() -> None:
    assert set(SENTENCES) == set(Failure)
    for kind in Failure:
        words = sentence(kind)
        assert words.endswith(".")
        assert not any(name in words.lower() for name in ("anthropic", "claude", "moonshot", "kimi", "api", "http"))


def test_only_passing_trouble_is_tried_again_and_only_ours_rings() -> None:
    retried = {kind for kind in Failure if ProviderError(kind).may_retry}
    assert retried == {Failure.BUSY, Failure.UNAVAILABLE, Failure.TIMEOUT}
    alarms = {kind for kind in Failure if ProviderError(kind).alarm}
    assert alarms == {Failure.HOUSE, Failure.MODEL_GONE, Failure.NOT_CONFIGURED}
