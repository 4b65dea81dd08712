"""The virtual environment in `.venv` and its libraries, layer by layer; a stamp per layer makes later starts quick."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.places import PYTHON, ROOT, VENV, program
from tools.refusal import Refusal

CONSTRAINTS = ROOT / "constraints.txt"
DRIVER = "mysqlclient"  # no wheel, so it needs headers and a compiler; only MariaDB needs it
HEADERS = "libmariadb-dev pkg-config gcc python3-dev"
LOG = VENV / "install.log"
MADE = VENV / "made"
UNFINISHED = VENV / "unfinished"
OFFLINE = re.compile(r"NewConnectionError|NameResolutionError|(Connect|Read)Timeout|ProxyError|Max retries exceeded")
EXPLANATIONS = (
    (re.compile(r"No space left on device"), "the disk is full."),
    (re.compile(r"pkg-config name|mysql_config"), f"{DRIVER} needs headers. As root: apt-get install {HEADERS}"),
    (OFFLINE, "the package index cannot be reached. Is this machine on line?"),
)


@dataclass(frozen=True)
class Layer:
    """A set of libraries that is installed, and stamped, together."""

    name: str
    announcement: str
    requirements: tuple[str, ...]

    @property
    def stamp(self) -> Path:
        return VENV / f"installed-{self.name}"

    def fingerprint(self) -> str:
        """Change when the requirements, their constraints or the virtual environment change."""
        parts = [_identity(), CONSTRAINTS.read_text(encoding="utf-8"), *self.requirements]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def is_installed(self) -> bool:
        return self.stamp.exists() and self.stamp.read_text(encoding="utf-8") == self.fingerprint()


def base() -> Layer:
    requirements = tuple(line for line in _lines("requirements.txt") if not line.startswith(DRIVER))
    return Layer("base", "Installing the libraries (once, about a minute)", requirements)


def driver() -> Layer:
    requirements = tuple(line for line in _lines("requirements.txt") if line.startswith(DRIVER))
    return Layer("driver", "Building the MariaDB driver (once)", requirements)


def development() -> Layer:
    return Layer("development", "Installing the test tools (once, about a minute)", _lines("requirements-dev.txt"))


def needs_driver(settings: Mapping[str, str]) -> bool:
    """Say whether the site's own databases are MariaDB."""
    urls = (settings.get("DATABASE_URL", ""), settings.get("VAULT_DATABASE_URL", ""))
    return any(url.startswith(("mysql", "mariadb")) for url in urls)


def install(*layers: Layer) -> None:
    """Bring the virtual environment up to date; costs milliseconds when it is."""
    if not _is_sound():
        _make()
    for layer in layers:
        if not layer.is_installed():
            _install(layer)


def _is_sound() -> bool:
    """Say whether it was made here, for this interpreter, and no installation was cut off in the middle."""
    is_whole = PYTHON.exists() and MADE.exists() and not UNFINISHED.exists()
    return is_whole and MADE.read_text(encoding="utf-8") == _identity()


def _identity() -> str:
    """Name this place and this interpreter: scripts in a moved environment point to nowhere."""
    return f"{VENV} {PYTHON.resolve()}"


def _make() -> None:
    if VENV.is_symlink():  # clearing it would empty somebody else's
        raise Refusal(f"{VENV.name} is a link to another place. Remove it: a virtual environment is made here instead.")
    _say("Making the virtual environment")
    interpreter = Path(sys.executable).resolve()  # the real one, should `python3` be that of an active environment
    made = subprocess.run([interpreter, "-m", "venv", "--clear", VENV], capture_output=True, text=True, check=False)
    if made.returncode:
        raise Refusal(f"The virtual environment could not be made: {_last_line(made.stdout + made.stderr)}")
    MADE.write_text(_identity(), encoding="utf-8")


def _install(layer: Layer) -> None:
    _say(layer.announcement)
    began = time.monotonic()
    UNFINISHED.touch()
    with LOG.open("w", encoding="utf-8") as log:
        command = [
            program("python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-input",
            "-c",
            str(CONSTRAINTS),
            *layer.requirements,
        ]
        result = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, env=_environment(), check=False)
    UNFINISHED.unlink()
    if result.returncode:
        raise Refusal(f"Installing failed: {explanation(LOG.read_text(encoding='utf-8', errors='replace'))}")
    layer.stamp.write_text(layer.fingerprint(), encoding="utf-8")
    print(f"  done in {time.monotonic() - began:.0f} s", flush=True)


def _environment() -> dict[str, str]:
    """Give pip's environment: it keeps nothing outside the clone, neither a cache nor temporary files."""
    temporary = VENV / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)  # of an interrupted run
    temporary.mkdir()
    ours = {"TMPDIR": str(temporary), "PIP_NO_CACHE_DIR": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return {"PIP_RETRIES": "2"} | os.environ | ours


def explanation(log: str) -> str:
    """Say in one line why pip failed."""
    for pattern, text in EXPLANATIONS:
        if pattern.search(log):
            return text
    return f"{_last_line(log)} (all of it: {LOG.relative_to(ROOT)})"


def _last_line(text: str) -> str:
    """Give the last complaint of a tool's output, else its last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("ERROR", "Error"))]
    return (errors or lines or ["no reason was given"])[-1]


def _lines(file: str) -> tuple[str, ...]:
    text = (ROOT / file).read_text(encoding="utf-8")
    return tuple(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _say(text: str) -> None:
    print(f"{text} ...", flush=True)
