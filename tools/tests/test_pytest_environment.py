"""The tests' own surroundings, seen from a test."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from tools.places import ROOT
from tools.pytest_environment import FOLDER


def test_nothing_of_the_developers_is_in_reach() -> None:
    folder = Path(os.environ[FOLDER])
    assert os.environ["CAICAINI_ENV_FILE"] == "/dev/null"
    assert ROOT not in folder.parents
    for place in (Path(os.environ["HOME"]), settings.DATA_DIR):
        assert folder in place.parents


def test_each_worker_has_folders_of_its_own() -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    assert settings.DATA_DIR.parent.name == worker
