"""Settings that are missing or wrong end every program with one line, which quotes no secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from honcho.environ import parse_procfile

from tools import throwaway
from tools.places import ROOT

SECRET = "pass-word"
ADDRESS = f"mysql://user:{SECRET}@127.0.0.1:3306"


def run(folder: Path, code: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    environment = throwaway.environment(folder, os.environ) | {k: v for k, v in changes.items() if v is not None}
    for name, value in changes.items():
        if value is None:
            del environment[name]
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY is not set."),
        ({"SECRET_KEY": "  "}, "SECRET_KEY is not set."),
        ({"VAULT_KEYS": None}, "VAULT_KEYS is not set."),
        ({"VAULT_KEYS": ""}, "VAULT_KEYS is not set."),
        ({"VAULT_KEYS": " , "}, "VAULT_KEYS is not set."),
        ({"DATABASE_URL": f"{ADDRESS}/chat"}, "VAULT_DATABASE_URL is not"),
        ({"DATABASE_URL": f"{ADDRESS}/chat", "VAULT_DATABASE_URL": f"{ADDRESS}/chat"}, "the same database"),
        ({"DATABASE_URL": f"postgres://user:{SECRET}@db/chat", "VAULT_DATABASE_URL": f"{ADDRESS}/v"}, "not understood"),
        ({"DATABASE_URL": f"mysql://user@db:{SECRET}/chat", "VAULT_DATABASE_URL": f"{ADDRESS}/v"}, "not understood"),
        ({"DATABASE_URL": f"{ADDRESS}/chat", "VAULT_DATABASE_URL": ADDRESS}, "VAULT_DATABASE_URL is not understood"),
        ({"DATABASE_URL": SECRET, "VAULT_DATABASE_URL": f"{ADDRESS}/v"}, "DATABASE_URL is not understood"),
    ],
)
def test_one_line_says_what_is_missing_or_wrong(tmp_path: Path, changes: dict[str, str | None], expected: str) -> None:
    ended = run(tmp_path, "import caicaini.settings", **changes)
    assert ended.returncode == 1
    assert expected in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert SECRET not in ended.stderr


def test_what_a_database_address_says_about_certificates_is_kept(tmp_path: Path) -> None:
    code = "import json; from caicaini.settings import DATABASES; print(json.dumps(DATABASES['default']))"
    ended = run(
        tmp_path, code, DATABASE_URL=f"{ADDRESS}/chat?ssl_ca=/etc/ca.pem", VAULT_DATABASE_URL=f"{ADDRESS}/vault"
    )
    options = json.loads(ended.stdout)["OPTIONS"]
    assert options == {"ssl_ca": "/etc/ca.pem", "charset": "utf8mb4", "isolation_level": "read committed"}


def test_https_turns_on_everything_that_tls_allows(tmp_path: Path) -> None:
    code = (
        "from caicaini import settings as s; "
        "print(s.SESSION_COOKIE_SECURE and s.CSRF_COOKIE_SECURE and s.SECURE_SSL_REDIRECT and "
        "s.SECURE_HSTS_SECONDS >= 31_536_000 and s.SECURE_HSTS_INCLUDE_SUBDOMAINS)"
    )
    assert run(tmp_path, code, SITE_URL="https://chat.example/").stdout == "True\n"
    assert run(tmp_path, code, SITE_URL="http://chat.example").stdout == "False\n"


@pytest.mark.parametrize(("said", "expected"), [(None, "60"), ("4", "4"), ("0", "0"), ("-1", "0")])
def test_a_process_that_stops_gives_running_answers_some_time(tmp_path: Path, said: str | None, expected: str) -> None:
    changes = {} if said is None else {"RUN_GRACE_SECONDS": said}
    ended = run(tmp_path, "from caicaini.settings import RUN_GRACE_SECONDS as it; print(it)", **changes)
    assert ended.stdout == f"{expected}\n"


@pytest.mark.parametrize(("said", "expected"), [({}, "4"), ({"RUN_GRACE_SECONDS": "9"}, "9")])
def test_under_honcho_it_is_less_than_honcho_waits(tmp_path: Path, said: dict[str, str], expected: str) -> None:
    server = tmp_path / "python"  # what the line starts
    server.write_text('#!/bin/sh\necho "$RUN_GRACE_SECONDS"\n')
    server.chmod(0o755)
    command = parse_procfile((ROOT / "Procfile").read_text()).processes["web"]
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", **said}
    ended = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, check=True)
    assert ended.stdout == f"{expected}\n"
