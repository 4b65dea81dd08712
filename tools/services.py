"""Private servers on loopback for tests and benchmarks: MariaDB and Redis in a temporary folder, ended by their ids."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import libraries, ports
from tools.refusal import Refusal
from tools.servers import Server, last_line

BINARIES = ("mariadbd", "mariadb-install-db", "redis-server")
SEARCH_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin"
DATABASES = ("default", "vault")
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
SURVIVES_A_KILL = "--innodb-flush-log-at-trx-commit=2"  # the system has what was committed, the disk perhaps not yet
REDIS_OPTIONS = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--databases", "64", "--daemonize", "no")


def missing() -> list[str]:
    """Name the programs that are not installed."""
    return [name for name in BINARIES if not shutil.which(name, path=SEARCH_PATH)]


def why_not() -> str:
    """Say why the suite cannot run on them; empty when it can. Builds MariaDB's driver where it is not there yet."""
    if absent := missing():
        return f"{', '.join(absent)} not installed."
    try:
        libraries.install(libraries.driver())
    except Refusal as refusal:
        return str(refusal)
    return ""


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """Start both and give the environment that leads the product to them; stop them whatever happens."""
    with tempfile.TemporaryDirectory(prefix="caicaini-services-") as name:
        folder = Path(name)
        database, urls = mariadb(folder)
        cache, url = redis(folder)
        with database, cache:
            yield urls | url


def mariadb(folder: Path, *options: str) -> tuple[Server, dict[str, str]]:
    """Make a server, not yet started, whose two users own one database each, and that database's test copies."""
    data, port, password = folder / "mariadb", ports.any_free(), secrets.token_urlsafe(16)
    user = ("--user=root",) if os.geteuid() == 0 else ()
    where = (f"--datadir={data}", f"--tmpdir={folder}", *user)
    if _run(folder, "mariadb-install-db", "--no-defaults", *where, "--skip-test-db"):
        raise Refusal(f"MariaDB's data folder could not be made: {last_line(folder / 'mariadb-install-db.log')}")
    start = folder / "start.sql"
    start.touch(mode=0o600)
    start.write_text("\n".join(_grants(name, password) for name in DATABASES), encoding="utf-8")
    command = _command("mariadbd", "--no-defaults", *where, f"--port={port}", "--socket=socket")
    names = ("DATABASE_URL", "VAULT_DATABASE_URL")
    urls = (f"mysql://{name}:{password}@{ports.HOST}:{port}/{name}" for name in DATABASES)
    server = Server([*command, f"--init-file={start}", *MARIADB_OPTIONS, *options], port, folder / "mariadbd.log")
    return server, dict(zip(names, urls, strict=True))


def redis(folder: Path) -> tuple[Server, dict[str, str]]:
    """Make a server, not yet started, that keeps nothing on disk."""
    port = ports.any_free()
    command = _command("redis-server", "--port", str(port), "--dir", str(folder), *REDIS_OPTIONS)
    return Server(command, port, folder / "redis-server.log"), {"REDIS_URL": f"redis://{ports.HOST}:{port}"}


def _grants(name: str, password: str) -> str:
    """Write one statement per line: `--init-file` reads them so, at every start."""
    return "\n".join(
        [
            f"CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4 COLLATE {COLLATION};",
            f"CREATE USER IF NOT EXISTS '{name}'@'{ports.HOST}' IDENTIFIED BY '{password}';",
            f"GRANT ALL ON `{name}`.* TO '{name}'@'{ports.HOST}';",
            rf"GRANT ALL ON `test\_{name}%`.* TO '{name}'@'{ports.HOST}';",
        ]
    )


def _run(folder: Path, program: str, *arguments: str) -> int:
    with (folder / f"{program}.log").open("wb") as output:
        ended = subprocess.run(_command(program, *arguments), stdout=output, stderr=subprocess.STDOUT, check=False)
    return ended.returncode


def _command(program: str, *arguments: str) -> list[str]:
    found = shutil.which(program, path=SEARCH_PATH)
    if not found:
        raise Refusal(f"{program} is not installed.")
    return [found, *arguments]
