"""Starts what is compared: the bare relay, the naive consumer, and the product as it is served, all on one core."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from bench.helpers import Helper, on_core, tail
from bench.targets import Target
from tools import data, ports, throwaway
from tools.places import PYTHON, ROOT, program
from tools.refusal import Refusal
from tools.serve import is_healthy
from tools.servers import stop

RELAY_CORE, LOAD_CORE = 0, 1
START_SECONDS = 60.0
# As in production, DEBUG is off: it would keep every query. Then no vendor may stand on this machine over plain HTTP, a
# local model may: so the product speaks OpenAI's format here. The limits are those of a bigger house.
SETTINGS = {"DEMO_MODEL": "false", "SIGNUP_GRANT_CREDITS": "0", "PROVIDER_STREAMS": "4000", "SENDS_PER_MINUTE": "600"}
CLERK = "from bench.clerk import serve; serve()"


@contextmanager
def bare(upstream: int, log: Path) -> Iterator[Target]:
    """Serve the bare relay."""
    with closing(Helper("bare", ["-m", "bench.bare", str(upstream)], RELAY_CORE, log)) as helper:
        yield Target("bare", helper.first["port"], helper.process.pid)


@contextmanager
def naive(upstream: int, log: Path) -> Iterator[Target]:
    """Serve the naive consumer under daphne."""
    environment = dict(os.environ) | {"BENCH_UPSTREAM": f"http://{ports.HOST}:{upstream}", "PYTHONPATH": str(ROOT)}
    port = ports.any_free()
    with _serving(plain_daphne(port, "bench.naive:application"), environment, log) as process:
        _wait(process, lambda: ports.answers(port), log)
        yield Target("naive", port, process.pid)


def site_environment(folder: Path, servers: Mapping[str, str], upstream: int) -> dict[str, str]:
    """Make an instance's databases and give the environment that leads the site and the clerk to them."""
    environment = throwaway.environment(folder / "data", os.environ) | dict(servers) | SETTINGS
    environment |= {"LOCAL_MODELS_BASE_URL": f"http://{ports.HOST}:{upstream}/v1"}
    data.prepare(environment, collects=False)
    return environment


@contextmanager
def product(environment: Mapping[str, str], server: str, log: Path) -> Iterator[Target]:
    """Serve the site; nobody is signed in at the target yet."""
    port = ports.any_free()
    command = {"daphne": daphne, "uvicorn": uvicorn}[server](port, "caicaini.asgi:application")
    own = {**environment, "SITE_URL": f"http://{ports.HOST}:{port}"}
    with _serving(command, own, log) as process:
        _wait(process, lambda: is_healthy(port), log)
        yield Target("product", port, process.pid)


@contextmanager
def clerk(environment: Mapping[str, str], log: Path) -> Iterator[Helper]:
    """Start a process that works in the site's databases, on the site's core: nobody streams while it is timed."""
    arguments = ["manage.py", "shell", "--no-imports", "-c", CLERK]
    with closing(Helper("clerk", arguments, RELAY_CORE, log, environment)) as helper:
        yield helper


QUIET = ("--verbosity", "0", "--no-server-name")


def plain_daphne(port: int, application: str) -> list[str]:
    """Give daphne's own command."""
    return [program("daphne"), "-b", ports.HOST, "-p", str(port), *QUIET, application]


def daphne(port: int, application: str) -> list[str]:
    """Give the command of the Procfile: daphne on uvloop."""
    return [str(PYTHON), "-m", "caicaini.serve", "-b", ports.HOST, "-p", str(port), *QUIET, application]


def uvicorn(port: int, application: str) -> list[str]:
    """Give the command of the faster server."""
    fast = ["--loop", "uvloop", "--ws", "websockets-sansio", "--log-level", "warning", "--no-access-log"]
    return [str(PYTHON), "-m", "uvicorn", "--host", ports.HOST, "--port", str(port), *fast, application]


@contextmanager
def _serving(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with on_core(RELAY_CORE), log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        yield process
    finally:
        stop(process)


def _wait(process: subprocess.Popen[bytes], answers: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise Refusal(f"A server did not start: {tail(log)}")
        time.sleep(0.1)
