"""What is installed when, and how a failure of pip is explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import libraries
from tools.refusal import Refusal


@pytest.mark.parametrize(
    ("url", "is_needed"),
    [("", False), ("sqlite:///data/x.sqlite3", False), ("mysql://u:p@host/name", True), ("mariadb://host/name", True)],
)
def test_only_mariadb_needs_the_driver(url: str, is_needed: bool) -> None:
    assert libraries.needs_driver({"DATABASE_URL": url}) is is_needed


def test_the_driver_is_a_layer_of_its_own() -> None:
    assert not any("mysqlclient" in line for line in libraries.base().requirements)
    assert [line.split("==")[0] for line in libraries.driver().requirements] == ["mysqlclient"]


def test_every_library_is_pinned() -> None:
    layers = (libraries.base(), libraries.driver(), libraries.development())
    assert all("==" in line for layer in layers for line in layer.requirements)


def test_a_changed_requirement_is_installed_anew() -> None:
    one = libraries.Layer("test", "Testing", ("a==1", "b==2"))
    other = libraries.Layer("test", "Testing", ("a==1", "b==3"))
    assert one.fingerprint() == libraries.Layer("test", "Again", ("a==1", "b==2")).fingerprint()
    assert one.fingerprint() != other.fingerprint()
    assert not one.is_installed()


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("WARNING: Retrying after NameResolutionError\nERROR: No matching distribution", "Is this machine on line?"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("Exception: Can not find valid pkg-config name.\nERROR: Failed to build", "apt-get install libmariadb-dev"),
        ("noise\nERROR: Cannot install a==1 and b==2\n", "ERROR: Cannot install a==1 and b==2"),
        ("", "no reason was given"),
    ],
)
def test_a_failed_installation_is_explained_in_one_line(log: str, words: str) -> None:
    explained = libraries.explanation(log)
    assert words in explained
    assert "\n" not in explained


def test_an_environment_behind_a_link_is_never_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "made").touch()
    (tmp_path / ".venv").symlink_to(other)
    monkeypatch.setattr(libraries, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(libraries, "PYTHON", tmp_path / ".venv" / "python")
    with pytest.raises(Refusal, match="is a link"):
        libraries.install()
    assert (other / "made").exists()
