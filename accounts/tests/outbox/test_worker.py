"""The real worker of an embedded installation: a posted mail is printed on its console, and nothing keeps it."""

from __future__ import annotations

import os
import shlex
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from accounts.tests.outbox.mails import CODE
from tools import throwaway
from tools.places import PYTHON, ROOT

PATIENCE = 40.0  # seconds, for a busy machine; usually it takes 3
POST = f"""
import django
django.setup()
from datetime import timedelta
from django.utils import timezone
from accounts import outbox
now = timezone.now()
outbox.post(
    "verify_email", "kanarie@example.test", None, now, expires_at=now + timedelta(minutes=15), code="{CODE}", minutes=15
)
"""


@pytest.fixture
def site(tmp_path: Path) -> dict[str, str]:
    """A new installation of its own."""
    environment = throwaway.environment(tmp_path / "data", os.environ)
    environment |= {"DJANGO_SETTINGS_MODULE": "caicaini.settings", "PATH": f"{PYTHON.parent}:{os.environ['PATH']}"}
    run(environment, "manage.py", "prepare")
    return environment


def run(environment: dict[str, str], *arguments: str) -> None:
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr


def worker_command() -> list[str]:
    """Give the worker as `make run` starts it."""
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    command = next(line for line in lines if line.startswith("worker:"))
    return [sys.executable, "-m", *shlex.split(command.removeprefix("worker: exec "))]


def states(data: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(data / "caicaini.sqlite3")) as database:
        return database.execute("SELECT state, LENGTH(address), LENGTH(context) FROM accounts_outboxmail").fetchall()


def wait_until_sent(data: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while states(data)[0][0] == "waiting":
        assert process.poll() is None, "the worker ended"
        assert time.monotonic() < deadline, "the worker took too long"
        time.sleep(0.1)


def test_a_mail_is_printed_by_the_real_worker_and_kept_nowhere(site: dict[str, str], tmp_path: Path) -> None:
    data, console, log = tmp_path / "data", tmp_path / "console", tmp_path / "log"
    run(site, "-c", POST)
    ((state, *_sealed),) = states(data)
    assert state == "waiting"
    with console.open("wb") as output, log.open("wb") as errors:
        process = subprocess.Popen(worker_command(), cwd=ROOT, env=site, stdout=output, stderr=errors)
        try:
            wait_until_sent(data, process)
        finally:
            process.terminate()
            process.wait(PATIENCE)
    assert states(data) == [("sent", 0, 0)]
    printed = console.read_text(encoding="utf-8")
    assert printed.count(CODE) == 2  # in the text and in the HTML
    assert "To: kanarie@example.test" in printed
    assert "event=mail.sent" in log.read_text(encoding="utf-8")
    for path in (log, *(path for path in data.rglob("*") if path.is_file())):
        content = path.read_bytes()
        assert b"kanarie" not in content, path
        assert CODE.encode() not in content, path
