"""A canary - a name, an address, a sentence - is put wherever the program may log; no line of the log ever holds it."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from caicaini import logs, urls
from caicaini.logs import ALLOWED_KEYS, QuietHandler
from conftest import SignIn
from tools import throwaway
from tools.places import ROOT

CANARY = "kanarie"
SENTENCE = f"{CANARY} lives at {CANARY}@example.test, 203.0.113.77"
log = structlog.get_logger(__name__)


def broken(request: HttpRequest, word: str) -> HttpResponse:
    """A page whose bug quotes what the person wrote."""
    local = f"{word} {request.POST.get('text', '')}"
    try:
        raise KeyError(local)
    except KeyError as error:
        raise ValueError(f"{local} {SENTENCE}") from error


urlpatterns = [*urls.urlpatterns, path("broken/<str:word>/", broken)]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    """Give what the configured handler writes, with nothing held back for its level."""
    root = logging.getLogger()
    (handler,) = [found for found in root.handlers if isinstance(found, QuietHandler)]
    written = io.StringIO()
    before, level = handler.setStream(written), root.level
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(level)
    assert before is not None
    handler.setStream(before)


def assert_silent(output: io.StringIO) -> str:
    text = output.getvalue()
    for secret in (CANARY, "203.0.113", "lives"):
        assert secret not in text
    return text


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error", "critical", "exception"])
@pytest.mark.parametrize("name", ["django.request", "daphne.http_protocol", "celery.app.trace", "anthropic", "x.y"])
def test_what_a_library_says_is_never_written(name: str, level: str, output: io.StringIO) -> None:
    library = logging.getLogger(name)
    before = library.level
    library.setLevel(logging.DEBUG)
    try:
        getattr(library, level)("%s said %r", SENTENCE, {"text": SENTENCE}, extra={"data": SENTENCE, "code": SENTENCE})
    finally:
        library.setLevel(before)
    text = assert_silent(output)
    assert "event=library.record" in text
    assert f"logger={name}" in text
    assert "place=test_logs:" in text


def test_an_exception_is_told_by_its_type_and_its_places(output: io.StringIO) -> None:
    def fail() -> None:
        try:
            raise OSError(SENTENCE)
        except OSError:
            raise RuntimeError(SENTENCE) from ValueError(SENTENCE)

    try:
        fail()
    except RuntimeError as error:
        log.exception("test.failed", run=str(uuid4()))
        log.warning("test.failed", exc_info=error)
        log.warning("test.failed", exc_info=(type(error), error, error.__traceback__))
        log.warning("test.failed", exc_info=1)
        logging.getLogger("library").exception(SENTENCE)
        logging.getLogger("library").warning(SENTENCE, exc_info=error, stack_info=True)
    text = assert_silent(output)
    assert text.count("builtins.RuntimeError at ") == 6
    assert text.count("test_logs.py:") == 12


def test_no_exception_under_way_is_no_exception_written(output: io.StringIO) -> None:
    log.warning("test.done", exc_info=True)  # noqa: LOG014  (what careless code does)
    log.warning("test.done", exc_info=None)
    assert output.getvalue().count("event=test.done") == 2
    assert "exception" not in output.getvalue()


@pytest.mark.parametrize("key", ["text", "email", "name", "ip", "error", "message", "args", "title"])
def test_a_key_that_is_not_on_the_list_is_dropped(key: str, output: io.StringIO) -> None:
    log.info("test.done", **{key: SENTENCE}, count=3)
    assert "event=test.done" in assert_silent(output)
    assert "count=3" in output.getvalue()


@pytest.mark.parametrize("key", sorted(ALLOWED_KEYS - {"event"}))
@pytest.mark.parametrize(
    "value", [SENTENCE, f"{CANARY}@example.test", "203.0.113.77", {"a": CANARY}, [CANARY], b"kanarie"]
)
def test_an_allowed_key_does_not_carry_words_or_addresses(key: str, value: object, output: io.StringIO) -> None:
    log.info("test.done", **{key: value})
    assert "event=test.done" in assert_silent(output)


def test_an_event_that_is_no_constant_name_is_not_written(output: io.StringIO) -> None:
    log.info(SENTENCE, count=1)
    log.info("%s failed", CANARY)
    assert assert_silent(output).count("event=log.nameless") == 2


def test_ids_numbers_and_codes_are_written(output: io.StringIO) -> None:
    run = uuid4()
    log.info("run.ended", run=run, user=str(run), code="provider_down", count=-3, duration_ms=1.5, model="kimi-k2.6")
    line = output.getvalue()
    for part in (f"run={run}", f"user={run}", "code=provider_down", "count=-3", "duration_ms=1.5", "model=kimi-k2.6"):
        assert part in line
    assert line.startswith("timestamp=2")
    assert line.count("\n") == 1


KEYS = st.text() | st.sampled_from(sorted(ALLOWED_KEYS - {"exception"}))


@given(st.text(), st.dictionaries(KEYS, st.text() | st.binary() | st.integers(), max_size=6))
def test_no_text_with_a_space_or_a_line_break_gets_through(event: str, values: dict[str, Any]) -> None:
    kept = logs.keep_allowed_keys(None, "info", {**values, "event": event})
    assert set(kept) <= ALLOWED_KEYS
    assert all(str(value).split() == [str(value)] for value in kept.values())


@pytest.mark.parametrize(
    "name", ["django.request", "django.security.DisallowedHost", "daphne", "django.channels.server"]
)
def test_libraries_that_note_every_request_are_kept_quiet(name: str, output: io.StringIO) -> None:
    logging.getLogger(name).info(SENTENCE)
    assert output.getvalue() == ""


def test_a_record_that_cannot_be_formatted_is_not_quoted(
    output: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    class Unprintable:
        def __str__(self) -> str:
            raise RuntimeError(SENTENCE)

    (handler,) = [found for found in logging.getLogger().handlers if isinstance(found, QuietHandler)]
    for message, arguments in (("%d", (SENTENCE,)), ("no place for it", (SENTENCE,)), (Unprintable(), ())):
        handler.handle(logging.LogRecord("library", logging.ERROR, __file__, 1, message, arguments, None))
    assert output.getvalue().count("event=library.record") == 2
    assert "event=log.failed" in assert_silent(output)
    assert capfd.readouterr() == ("", "")


def test_what_goes_wrong_in_the_event_loop_is_not_quoted(output: io.StringIO) -> None:
    loop = asyncio.new_event_loop()
    loop.call_exception_handler({"message": SENTENCE, "exception": ValueError(SENTENCE)})
    loop.close()
    assert "builtins.ValueError" in assert_silent(output)


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, {"Accept": "application/json"}])
def test_a_bug_in_a_page_tells_the_place_and_nobodys_words(
    headers: dict[str, str], output: io.StringIO, settings: Any, ann: User, sign_in: SignIn
) -> None:
    settings.ROOT_URLCONF = __name__
    client = sign_in(ann)
    client.raise_request_exception = False
    answer = client.post(f"/broken/{CANARY}/?q={CANARY}", {"text": SENTENCE}, headers=headers)
    assert answer.status_code == 500
    assert CANARY not in answer.content.decode()
    assert "builtins.ValueError at" in assert_silent(output)


@pytest.mark.django_db
def test_requests_leave_no_path_no_host_and_no_name(output: io.StringIO, settings: Any) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    connection.force_debug_cursor = True
    try:
        assert client.get(f"/{CANARY}/?q={CANARY}").status_code == 404
        assert client.get(f"/chat/{CANARY}/").status_code == 404
        assert client.get("/", headers={"Host": f"{CANARY}.example"}).status_code == 400
        assert client.post("/account/login/", {"login": CANARY, "password": CANARY}).status_code == 403
        assert client.get("/admin/", headers={"User-Agent": CANARY, "Cookie": f"sessionid={CANARY}"}).status_code == 302
        free = Client(REMOTE_ADDR="203.0.113.77")
        for name in (CANARY, f"{CANARY}@example.test"):
            assert free.post("/account/login/", {"login": name, "password": SENTENCE}).status_code == 200
    finally:
        connection.force_debug_cursor = False
    assert "django.db.backends" in assert_silent(output)


def test_celery_adds_no_handler_that_prints_what_tasks_say(tmp_path: Path) -> None:
    code = (
        "import django; django.setup(); from caicaini.celery import app; from celery.utils.log import get_task_logger; "
        "import logging, warnings; app.log.setup(loglevel='INFO', redirect_stdouts=True); "
        f"get_task_logger('a.task').warning('%s', {SENTENCE!r}); logging.getLogger('a').warning({SENTENCE!r}); "
        f"warnings.warn({SENTENCE!r})"
    )
    environment = throwaway.environment(tmp_path, os.environ) | {"DJANGO_SETTINGS_MODULE": "caicaini.settings"}
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stderr.count("event=library.record") == 3
    assert CANARY not in ended.stdout + ended.stderr
