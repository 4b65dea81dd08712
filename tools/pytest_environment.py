"""Pytest plug-in, loaded before Django's settings: tests see no `.env`, no variable or folder of the developer.

Each pytest process has its own DATA_DIR and home below one temporary folder. The servers that `tools.test` started are
the only thing let through, marked by CAICAINI_TEST_SERVICES.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import settings

from tools import throwaway

FOLDER = "CAICAINI_TEST_FOLDER"
SERVICES = "CAICAINI_TEST_SERVICES"
SERVICE_URLS = ("DATABASE_URL", "VAULT_DATABASE_URL", "REDIS_URL")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Set the environment; workers of xdist inherit the folder from the process that starts them."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    if worker == "main":
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="caicaini-tests-")
    folder = Path(os.environ[FOLDER]) / worker
    for name in ("data", "home"):
        (folder / name).mkdir(parents=True)
    urls = _service_urls(worker) if SERVICES in os.environ else {}
    fresh = throwaway.environment(folder / "data", os.environ) | urls | {"HOME": str(folder / "home")}
    os.environ.clear()
    os.environ.update(fresh)


def pytest_configure() -> None:
    """Let hypothesis take its time: how long one example takes on a busy machine proves nothing."""
    settings.register_profile("house", deadline=None)
    settings.load_profile("house")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the tests left, once all workers are done."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ[FOLDER], ignore_errors=True)


def _service_urls(worker: str) -> dict[str, str]:
    """Give the servers' addresses; each worker has a Redis database of its own."""
    number = int(worker.removeprefix("gw")) + 1 if worker.startswith("gw") else 0
    urls = {name: os.environ[name] for name in SERVICE_URLS}
    # A worker inherits the address with the number of the process that started it.
    return urls | {"REDIS_URL": urlsplit(urls["REDIS_URL"])._replace(path=f"/{number}").geturl()}
