"""What the processes of the site inherit from `make run`."""

from __future__ import annotations

from pathlib import Path

from tools import run
from tools.places import ROOT, VENV


def test_the_address_follows_the_port() -> None:
    assert run.serving_environment({}, 8123)["SITE_URL"] == "http://127.0.0.1:8123"
    assert run.serving_environment({"SITE_URL": "https://chat.example"}, 8123)["SITE_URL"] == "https://chat.example"


def test_data_lies_in_the_clone_unless_told_otherwise(tmp_path: Path) -> None:
    assert run.serving_environment({}, 8000)["DATA_DIR"] == str(ROOT / "data")
    assert run.serving_environment({"DATA_DIR": str(tmp_path)}, 8000)["DATA_DIR"] == str(tmp_path)


def test_the_libraries_commands_are_found_first() -> None:
    assert run.serving_environment({}, 8000)["PATH"].startswith(f"{VENV}/bin:")
