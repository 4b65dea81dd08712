"""The product itself, served on a free port from a folder that nobody keeps: for pictures and for trying things out."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tools import data, ports, throwaway
from tools.places import PYTHON, ROOT
from tools.refusal import Refusal
from tools.serve import is_healthy
from tools.servers import stop

START_SECONDS = 60


@dataclass(frozen=True)
class Site:
    """Where it answers, the password of ann and sam, and the environment that leads other commands to its data."""

    url: str
    password: str
    environment: Mapping[str, str] = field(repr=False)


def command_of(server: str, port: int) -> list[str]:
    """Give the command line of one of the two servers, daphne or uvicorn, both without an access log."""
    commands = {
        "daphne": ["caicaini.serve", "-b", ports.HOST, "--verbosity", "0"],
        "uvicorn": ["uvicorn", "--host", ports.HOST, "--ws", "websockets-sansio", "--log-level", "warning"],
    }
    quiet = ["--no-access-log"] if server == "uvicorn" else ["--no-server-name"]
    return [str(PYTHON), "-m", *commands[server], *quiet, "--port", str(port), "caicaini.asgi:application"]


@contextmanager
def served(
    folder: Path,
    extra: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
    *,
    collects: bool = True,
    server: str = "daphne",
) -> Iterator[Site]:
    """Serve the web process alone, its words going to `output`; what the worker does is left undone."""
    port = ports.any_free()
    url = f"http://{ports.HOST}:{port}"
    environment = throwaway.environment(folder / "data", os.environ) | {"DEBUG": "true", "SITE_URL": url}
    environment |= extra or {}
    data.prepare(environment, collects=collects)
    process = subprocess.Popen(command_of(server, port), cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        _wait(process, port)
        yield Site(url, environment["DEMO_PASSWORD"], environment)
    finally:
        stop(process)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_healthy(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise Refusal("The web process did not start; its last lines stand above.")
        time.sleep(0.1)
