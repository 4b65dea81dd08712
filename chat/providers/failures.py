"""Turns a vendor's refusal or a broken connection into a `ProviderError` that keeps none of the vendor's words."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import httpx2
import msgspec

from chat.providers.base import Failure, ProviderError
from chat.providers.failure_tables import (
    BY_CODE,
    BY_HUNDREDS,
    BY_MESSAGE,
    BY_STATUS,
    BY_TYPE,
    RETRY_IN_MESSAGE,
    SAID_IN_MESSAGE,
)
from chat.providers.sse import OversizeEventError

# What comes out of a stream besides an SDK's own errors; both SDKs let some of these through raw.
MISHAPS: tuple[type[Exception], ...] = (
    ProviderError,
    httpx2.HTTPError,
    httpx2.InvalidURL,
    httpx2.StreamError,
    aiohttp.ClientError,
    OSError,  # TimeoutError and ssl.SSLError among them
    UnicodeError,
    json.JSONDecodeError,
    msgspec.MsgspecError,
    OversizeEventError,
)
GARBLED = (json.JSONDecodeError, UnicodeDecodeError, msgspec.MsgspecError, OversizeEventError, httpx2.DecodingError)

LONGEST_RETRY_AFTER = 86_400.0  # seconds: whoever says more says "not today"
READ_OF_MESSAGE = 2_000  # characters


class Details(msgspec.Struct):
    """Where Anthropic names the cause."""

    error_code: Any = None


class VendorError(msgspec.Struct):
    """The error object of all vendors; its message is matched and then forgotten."""

    type: Any = None
    code: Any = None
    message: Any = None
    details: Details | None = None

    @property
    def codes(self) -> tuple[object, ...]:
        return (self.details and self.details.error_code, self.code, self.type)

    @property
    def words(self) -> str:
        return self.message[:READ_OF_MESSAGE].lower() if isinstance(self.message, str) else ""


class ErrorBody(msgspec.Struct):
    """The body around it; small local servers send a string or put the fields at the top."""

    error: VendorError | str | None = None
    message: Any = None


def of_exception(error: Exception, *, has_begun: bool) -> ProviderError:
    """Judge anything out of MISHAPS or an SDK; `has_begun` says that the answer's head had arrived."""
    if isinstance(error, ProviderError):
        return error
    response = getattr(error, "response", None)
    if isinstance(response, httpx2.Response):
        return of_response(response.status_code, response.headers, _content(response))
    return ProviderError(_of_transport(_cause(error), has_begun))


def of_response(status: int, headers: Mapping[str, str], content: bytes, now: datetime | None = None) -> ProviderError:
    """Judge an HTTP answer that is not a stream."""
    said = _parse(content)
    kind = _refined(_named(said) or BY_STATUS.get(status) or BY_HUNDREDS.get(status // 100, Failure.BROKEN), said)
    error = ProviderError(kind)
    if error.may_retry:
        error.retry_after = retry_after(headers, now) or _retry_in(said.words)
    return error


def of_frame(said: VendorError) -> ProviderError:
    """Judge an error inside a stream, where the status was 200; an unknown one counts as the vendor's own trouble."""
    unknown = Failure.REJECTED if said.type == "invalid_request_error" else Failure.UNAVAILABLE
    return ProviderError(_refined(_named(said) or unknown, said))


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Give the seconds that the vendor asks to wait, from milliseconds, seconds or an HTTP date."""
    if (wait := _number(headers.get("retry-after-ms"))) is not None:
        return _capped(wait / 1000)
    said = headers.get("retry-after")
    if (wait := _number(said)) is None and said:
        wait = _until(said, now or datetime.now(UTC))
    return None if wait is None else _capped(wait)


def _named(said: VendorError) -> Failure | None:
    for code in said.codes:
        if isinstance(code, str) and (kind := BY_CODE.get(code) or BY_TYPE.get(code)):
            return kind
    return None


def _refined(kind: Failure, said: VendorError) -> Failure:
    if kind in SAID_IN_MESSAGE:
        for pattern, meaning in BY_MESSAGE:
            if pattern.match(said.words):
                return meaning
    return kind


def _of_transport(error: BaseException, has_begun: bool) -> Failure:
    if isinstance(error, GARBLED):
        return Failure.BROKEN
    if isinstance(error, UnicodeError):
        return Failure.REJECTED  # half a surrogate pair in the prompt: it cannot be sent as it is
    if isinstance(error, httpx2.ConnectTimeout):
        return Failure.UNAVAILABLE
    if isinstance(error, (httpx2.TimeoutException, TimeoutError)):
        return Failure.TIMEOUT
    return Failure.BROKEN if has_begun else Failure.UNAVAILABLE


def _cause(error: BaseException) -> BaseException:
    # The SDKs wrap what went wrong on the wire, and the transport wraps it again; the outermost known one is enough.
    while not isinstance(error, MISHAPS) and error.__cause__ is not None:
        error = error.__cause__
    return error


def _content(response: httpx2.Response) -> bytes:
    try:
        return response.content
    except httpx2.ResponseNotRead:
        return b""


def _parse(content: bytes) -> VendorError:
    try:
        body = msgspec.json.decode(content, type=ErrorBody)
    except msgspec.MsgspecError:
        return VendorError()  # an HTML page from the vendor's edge
    if isinstance(body.error, VendorError):
        return body.error
    return VendorError(message=body.error or body.message)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _until(date: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()


def _capped(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def _retry_in(words: str) -> float | None:
    found = RETRY_IN_MESSAGE.search(words)
    return _capped(float(found[1])) if found else None
