"""The state below DATA_DIR: brought up to date by the product's own commands before it is served."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools import libraries
from tools.places import PYTHON, ROOT
from tools.refusal import Refusal


def prepare(environment: Mapping[str, str], *, collects: bool = True) -> None:
    """Migrate and seed the databases; collect the static files, where that is wanted, when one of them changed."""
    stamp = Path(environment["DATA_DIR"]) / "static.stamp"
    if not stamp.exists():
        print("Making the databases and collecting the pages' files ...", flush=True)
    _manage("prepare", environment=environment)
    if not collects:
        return
    fingerprint = _static_fingerprint()
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != fingerprint:
        _manage("collectstatic", "--no-input", "--clear", "--verbosity=0", environment=environment)
        stamp.write_text(fingerprint, encoding="utf-8")


def _manage(*arguments: str, environment: Mapping[str, str]) -> None:
    result = subprocess.run([PYTHON, "manage.py", *arguments], cwd=ROOT, env=environment, check=False)
    if result.returncode:
        raise Refusal(f"`manage.py {arguments[0]}` failed; the reason stands above.")


def _static_fingerprint() -> str:
    """Change when a library or one of our static files (by size and time) changes."""
    digest = hashlib.sha256(libraries.base().fingerprint().encode())
    for path in _static_files():
        status = path.stat()
        digest.update(f"{path}\n{status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _static_files() -> Iterator[Path]:
    apps = sorted(path.parent for path in ROOT.glob("*/apps.py"))
    for folder in (ROOT / "static", *(app / "static" for app in apps)):
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file())
