"""`make run`: from a bare clone to a served site; each step is skipped when it was done before."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tools import data, environment_file, interpreter, libraries, ports
from tools.places import PYTHON, ROOT, VENV
from tools.refusal import speak

# Eight lines that frighten whoever tries this in a container, where everybody is root.
AS_ROOT = "ignore:You're running the worker with superuser privileges"


def main() -> int:
    """Set up, then become the supervisor of the site's processes."""
    interpreter.check()
    os.chdir(ROOT)
    with only_one_at_a_time():
        settings = environment_file.ready(os.environ)
        port = ports.must_be_free(settings.get("PORT") or "8000")
        libraries.install(*_layers(settings))
        environment = serving_environment(settings, port)
        data.prepare(environment)
    os.execve(PYTHON, [str(PYTHON), "-m", "tools.serve"], environment)


def serving_environment(settings: Mapping[str, str], port: int) -> dict[str, str]:
    """Give what the processes inherit; each reads the rest from `.env` by itself."""
    return dict(os.environ) | {
        "PORT": str(port),
        "DATA_DIR": str(environment_file.data_dir(settings)),
        "SITE_URL": settings.get("SITE_URL") or f"http://{ports.HOST}:{port}",
        "PATH": f"{VENV / 'bin'}:{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",  # else the log of a process comes minutes late through its pipe
        "PYTHONWARNINGS": os.environ.get("PYTHONWARNINGS") or AS_ROOT,
    }


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Hold other set-ups of this clone back until this one is through."""
    clone = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(clone, fcntl.LOCK_EX)
        yield
    finally:
        os.close(clone)


def _layers(settings: Mapping[str, str]) -> list[libraries.Layer]:
    wanted = [libraries.base()]
    if libraries.needs_driver(settings):
        wanted.append(libraries.driver())
    return wanted


if __name__ == "__main__":
    sys.exit(speak(main))
