"""Private servers on loopback for tests and benchmarks: MariaDB and Redis in a temporary folder, ended by their ids."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import ports
from tools.refusal import Refusal

BINARIES = ("mariadbd", "mariadb-install-db", "redis-server")
SEARCH_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin"
DATABASES = ("default", "vault")
START_SECONDS = 60
STOP_SECONDS = 20
# The collation of production: byte by byte and without padding, so that `jose`, `Jose` and `josé` stay three names.
COLLATION = "utf8mb4_nopad_bin"
MARIADB_OPTIONS = (
    "--bind-address=127.0.0.1",
    "--character-set-server=utf8mb4",
    f"--collation-server={COLLATION}",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--innodb-buffer-pool-size=128M",
    "--innodb-log-file-size=64M",
    "--innodb-flush-log-at-trx-commit=0",  # a crash may lose a test's data
)
REDIS_OPTIONS = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--databases", "64", "--daemonize", "no")


def missing() -> list[str]:
    """Name the programs that are not installed."""
    return [name for name in BINARIES if not shutil.which(name, path=SEARCH_PATH)]


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """Start both and give the environment that leads the product to them; stop them whatever happens."""
    with (
        tempfile.TemporaryDirectory(prefix="caicaini-services-") as folder,
        mariadb(Path(folder)) as databases,
        redis(Path(folder)) as cache,
    ):
        yield databases | cache


@contextmanager
def mariadb(folder: Path) -> Iterator[dict[str, str]]:
    """Start a server whose two users own one database each, and that database's test copies."""
    data, port, password = folder / "mariadb", ports.any_free(), secrets.token_urlsafe(16)
    user = ("--user=root",) if os.geteuid() == 0 else ()
    where = (f"--datadir={data}", f"--tmpdir={folder}", *user)
    made = _run(folder, "mariadb-install-db", "--no-defaults", *where, "--skip-test-db")
    if made:
        raise Refusal(f"MariaDB's data folder could not be made: {_tail(folder / 'mariadb-install-db.log')}")
    start = folder / "start.sql"
    start.touch(mode=0o600)
    start.write_text("\n".join(_grants(name, password) for name in DATABASES), encoding="utf-8")
    command = ("mariadbd", "--no-defaults", *where, f"--port={port}", f"--socket={data}/socket")
    with _serving(folder, port, *command, f"--init-file={start}", *MARIADB_OPTIONS):
        names = ("DATABASE_URL", "VAULT_DATABASE_URL")
        urls = (f"mysql://{name}:{password}@{ports.HOST}:{port}/{name}" for name in DATABASES)
        yield dict(zip(names, urls, strict=True))


@contextmanager
def redis(folder: Path) -> Iterator[dict[str, str]]:
    """Start a server that keeps nothing on disk."""
    port = ports.any_free()
    with _serving(folder, port, "redis-server", "--port", str(port), "--dir", str(folder), *REDIS_OPTIONS):
        yield {"REDIS_URL": f"redis://{ports.HOST}:{port}"}


def _grants(name: str, password: str) -> str:
    """Write one statement per line: `--init-file` reads them so."""
    return "\n".join(
        [
            f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE {COLLATION};",
            f"CREATE USER '{name}'@'{ports.HOST}' IDENTIFIED BY '{password}';",
            f"GRANT ALL ON `{name}`.* TO '{name}'@'{ports.HOST}';",
            rf"GRANT ALL ON `test\_{name}%`.* TO '{name}'@'{ports.HOST}';",
        ]
    )


@contextmanager
def _serving(folder: Path, port: int, program: str, *arguments: str) -> Iterator[None]:
    log = folder / f"{program}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(program, *arguments),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the tests, which still need the server while they end
        )
    try:
        _wait(process, port, log)
        yield
    finally:
        stop(process)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ports.answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise Refusal(f"{log.stem} did not start: {_tail(log)}")
        time.sleep(0.02)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End one process that this one started, gently first."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _run(folder: Path, program: str, *arguments: str) -> int:
    with (folder / f"{program}.log").open("wb") as output:
        ended = subprocess.run(_command(program, *arguments), stdout=output, stderr=subprocess.STDOUT, check=False)
    return ended.returncode


def _command(program: str, *arguments: str) -> list[str]:
    """Let the server die with this process even when that is killed outright, where the system knows how."""
    found = shutil.which(program, path=SEARCH_PATH)
    if not found:
        raise Refusal(f"{program} is not installed.")
    leash = shutil.which("setpriv")
    return [*([leash, "--pdeathsig", "KILL", "--"] if leash else []), found, *arguments]


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[-1] if lines else "it said nothing"
