"""`make run` from outside: what it refuses, and what the processes of the site inherit."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tools import ports, run
from tools.places import ROOT, VENV


def start(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the front door with its file and its data in a folder of their own; it must refuse before it installs."""
    place = {"CAICAINI_ENV_FILE": str(folder / ".env"), "DATA_DIR": str(folder / "data")}
    environment = {"PATH": os.environ["PATH"]} | place | variables
    command = [sys.executable, "-m", "tools.run"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=30)


def test_a_busy_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server((ports.HOST, 0)) as server:
        port = server.getsockname()[1]
        ended = start(tmp_path, PORT=str(port))
    assert ended.returncode == 1
    assert ended.stderr == f"Port {port} on 127.0.0.1 is in use. Stop what runs there, or: make run PORT=8001\n"
    assert not (tmp_path / "data").exists()


def test_a_broken_file_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SECRET_KEY=1\nthis is no setting\n", encoding="utf-8")
    ended = start(tmp_path)
    assert ended.returncode == 1
    assert ended.stderr == "Line 2 of .env is not NAME=value (without spaces around the equals sign).\n"


def test_the_address_follows_the_port() -> None:
    assert run.serving_environment({}, 8123)["SITE_URL"] == "http://127.0.0.1:8123"
    assert run.serving_environment({"SITE_URL": "https://chat.example"}, 8123)["SITE_URL"] == "https://chat.example"


def test_data_lies_in_the_clone_unless_told_otherwise(tmp_path: Path) -> None:
    assert run.serving_environment({}, 8000)["DATA_DIR"] == str(ROOT / "data")
    assert run.serving_environment({"DATA_DIR": str(tmp_path)}, 8000)["DATA_DIR"] == str(tmp_path)


def test_the_libraries_commands_are_found_first() -> None:
    assert run.serving_environment({}, 8000)["PATH"].startswith(f"{VENV}/bin:")


def test_a_second_set_up_waits_for_the_first() -> None:
    with run.only_one_at_a_time():
        waiting = subprocess.Popen(
            [sys.executable, "-c", "from tools.run import only_one_at_a_time as one\nwith one(): print('in')"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(0.5)
    said, _ = waiting.communicate(timeout=20)
    assert said == "in\n"
