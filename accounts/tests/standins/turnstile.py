"""A stand-in of Turnstile on loopback: siteverify with its rules, and a small script of the same interface.

Tokens are plain: who may ask for one is Cloudflare's art, and not what is tested. Served to tests only.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

DUMMY = "XXXX.DUMMY.TOKEN.XXXX"
ALWAYS, NEVER, SPENT = (f"{digit}x0000000000000000000000000000000AA" for digit in "123")
SECRET, SITE_KEY = "0x4AAAAAAAsecret", "0x4AAAAAAAsite"
LIFE = 300  # seconds
API = Path(__file__).with_name("api.js")

Answer = dict[str, Any]


def token(action: str, hostname: str = "127.0.0.1", issued: float | None = None, number: int = 0) -> str:
    """Give a token as the script of the stand-in makes it."""
    return f"STANDIN|{action}|{hostname}|{time.time() if issued is None else issued}|{number}"


@dataclass
class Turnstile:
    """`with` it; `trouble` says what goes wrong: internal-error, error-500, not-json, bad-request, hang or drop."""

    trouble: str = ""
    troubles: int = 1_000  # how many requests it befalls
    requests: list[dict[str, str]] = field(default_factory=list)
    _spent: dict[str, str] = field(default_factory=dict)  # token: idempotency key of its first use
    _end: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/turnstile/v0/siteverify"

    def __enter__(self) -> Self:
        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.stand_in = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def befall(self) -> str:
        """Give the trouble of this request, if any."""
        if not self.trouble or self.troubles < 1:
            return ""
        self.troubles -= 1
        return self.trouble

    def hang(self) -> None:
        """Say nothing for as long as the stand-in lives."""
        self._end.wait(20)

    def judge(self, asked: Mapping[str, str]) -> Answer:
        """Answer as siteverify does."""
        secret, response = asked.get("secret", ""), asked.get("response", "")
        if not secret or not response:
            return _refusal("missing-input-secret" if not secret else "missing-input-response")
        if secret in {ALWAYS, NEVER, SPENT}:
            return _by_test_key(secret, response)
        if secret != SECRET:
            return _refusal("invalid-input-secret")
        return self._by_real_key(response, asked.get("idempotency_key", ""))

    def _by_real_key(self, response: str, key: str) -> Answer:
        parts = response.split("|")
        if len(parts) != 5 or parts[0] != "STANDIN":
            return _refusal("invalid-input-response")
        _name, action, hostname, issued, _number = parts
        is_first = response not in self._spent
        is_replay = self._spent.setdefault(response, key) == key != ""
        if not (is_first or is_replay) or time.time() - float(issued) > LIFE:
            return _refusal("timeout-or-duplicate")
        return _success(hostname, action)


def _by_test_key(secret: str, response: str) -> Answer:
    if response != DUMMY or secret == NEVER:
        return _refusal("invalid-input-response")
    if secret == SPENT:
        return _refusal("timeout-or-duplicate")
    return _success("example.com", "") | {"metadata": {"interactive": False, "result_with_testing_key": True}}


def _success(hostname: str, action: str) -> Answer:
    return {
        "success": True,
        "challenge_ts": "2026-11-23T10:00:00.000Z",
        "hostname": hostname,
        "error-codes": [],
        "action": action,
        "cdata": "",
        "metadata": {"interactive": False, "ephemeral_id": None},
    }


def _refusal(code: str) -> Answer:
    return {"success": False, "error-codes": [code], "messages": []}


def _json(answer: Answer) -> bytes:
    return json.dumps(answer).encode()


TROUBLES = {
    "error-500": (500, b"<html>nginx</html>"),
    "not-json": (200, b"{"),
    "bad-request": (400, _json(_refusal("bad-request"))),
    "internal-error": (200, _json(_refusal("internal-error"))),
    "internal-error-after": (200, _json(_refusal("internal-error"))),  # the token is spent, and the answer gets lost
}


class Server(ThreadingHTTPServer):
    """Knows whose server it is."""

    stand_in: Turnstile


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Server

    def do_POST(self) -> None:
        asked = self._asked()
        stand_in = self.server.stand_in
        stand_in.requests.append(asked)
        trouble = stand_in.befall()
        if trouble == "hang":
            stand_in.hang()
        if trouble in {"hang", "drop"}:
            self.close_connection = True
            return
        answer = stand_in.judge(asked) if trouble in {"", "internal-error-after"} else {}
        self._send(*TROUBLES.get(trouble, (200, _json(answer))))

    def _asked(self) -> dict[str, str]:
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        is_json = "json" in self.headers.get("Content-Type", "")
        return dict(json.loads(raw)) if is_json else dict(parse_qsl(raw, keep_blank_values=True))

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""
