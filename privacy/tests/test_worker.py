"""The real worker, with the queue and the databases as files: it carries a deletion out, and no word is lying about."""

from __future__ import annotations

import base64
import json
import os
import shlex
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from tools import throwaway
from tools.places import PYTHON, ROOT

WORDS = "Kanarienvogel über Köln"
CARELESS = "Zaunkönig"
PATIENCE = 40.0  # seconds, for a busy machine; usually it takes 2
SEND = f"""
import django
django.setup()
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from caicaini.celery import app
from chat import conversations
from privacy.tasks import purge_hidden_conversations
from privacy.tests.factories import talk
ann = User.objects.create_user("ann", "ann@example.test", "ann-pass-word")
now = timezone.now()
kept, deleted = (talk(ann, now, "{WORDS}?", "{WORDS}! " * 50) for _ in range(2))
conversations.hide(ann, deleted.uuid, now - timedelta(minutes=2))
purge_hidden_conversations.delay()
app.send_task("no.such.task", args=["{CARELESS}"])
print(kept.uuid, deleted.uuid)
"""


@pytest.fixture
def site(tmp_path: Path) -> dict[str, str]:
    """A new installation of its own."""
    environment = throwaway.environment(tmp_path / "data", os.environ)
    environment |= {"DJANGO_SETTINGS_MODULE": "caicaini.settings", "PATH": f"{PYTHON.parent}:{os.environ['PATH']}"}
    run(environment, "manage.py", "prepare")
    return environment


def run(environment: Mapping[str, str], *arguments: str) -> str:
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
    return ended.stdout


def worker_command() -> list[str]:
    """Give the worker as production starts it."""
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    command = next(line for line in lines if line.startswith("worker:"))
    return shlex.split(command.removeprefix("worker: exec "))


def rows(data: Path, conversation: UUID) -> dict[str, int]:
    """Count what is left of a conversation, without Django."""
    name = conversation.hex
    with (
        closing(sqlite3.connect(data / "caicaini.sqlite3")) as main,
        closing(sqlite3.connect(data / "vault.sqlite3")) as vault,
    ):
        of = "WHERE conversation_id = (SELECT id FROM chat_conversation WHERE uuid = ?)"
        return {
            "keys": vault.execute("SELECT COUNT(*) FROM caicaini_wrappedkey WHERE owner = ?", [name]).fetchone()[0],
            "conversations": main.execute("SELECT COUNT(*) FROM chat_conversation WHERE uuid = ?", [name]).fetchone()[
                0
            ],
            "messages": main.execute(f"SELECT COUNT(*) FROM chat_message {of}", [name]).fetchone()[0],
            "runs": main.execute(f"SELECT COUNT(*) FROM chat_run {of}", [name]).fetchone()[0],
        }


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, "the worker ended"
        assert time.monotonic() < deadline, "the worker took too long"
        time.sleep(0.1)


def traces(folder: Path, words: str) -> list[str]:
    """Name the files below a folder that hold the words, in clear or in base64 (messages' bodies decoded)."""
    found = []
    for path in (path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        if path.parent.name == "messages":
            data += base64.b64decode(json.loads(data)["body"])
        if any(form in data for form in _forms(words)):
            found.append(path.name)
    return found


def _forms(words: str) -> set[bytes]:
    plain = words.encode()
    shifted = (base64.b64encode(b" " * shift + plain)[4:-4] for shift in range(3))
    return {plain, words.encode("utf-16-le"), json.dumps(words)[1:-1].encode(), *shifted}


def test_the_real_worker_carries_a_deletion_out_and_no_word_lies_about(site: dict[str, str], tmp_path: Path) -> None:
    data = tmp_path / "data"
    kept, deleted = (UUID(text) for text in run(site, "-c", SEND).split())
    whole = {"keys": 1, "conversations": 1, "messages": 2, "runs": 1}
    assert [rows(data, kept), rows(data, deleted)] == [whole, whole]
    assert traces(data, "ann@example.test") != []  # so it would be found
    assert any("purge_hidden_conversations" in path.read_text() for path in (data / "queue" / "messages").iterdir())
    assert traces(data, WORDS) == []
    assert len(traces(data, CARELESS)) == 1  # a message sent past the guard, to see what the worker says about it

    log = tmp_path / "worker.log"
    with log.open("wb") as output:
        process = subprocess.Popen(worker_command(), cwd=ROOT, env=site, stdout=output, stderr=subprocess.STDOUT)
    try:
        nothing = dict.fromkeys(whole, 0)
        wait_for(lambda: rows(data, deleted) == nothing and traces(data / "queue", CARELESS) == [], process)
        wait_for(lambda: b"library.record" in log.read_bytes(), process)
    finally:
        process.terminate()
        process.wait(PATIENCE)
    assert rows(data, kept) == whole
    assert traces(data, WORDS) == []
    assert traces(data, CARELESS) == []
    assert b"celery.worker.consumer" in log.read_bytes()
    for secret in (CARELESS, WORDS, "ann@example.test", "Traceback"):
        assert secret.encode() not in log.read_bytes()
    assert oct((data / "queue" / "messages").stat().st_mode & 0o777) == "0o700"
