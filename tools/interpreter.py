"""Whether the Python at hand can carry the project; says what to install where it cannot."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from tools.refusal import Refusal

OLDEST = (3, 11)


def check(version: tuple[int, ...] = sys.version_info[:2]) -> None:
    """Refuse a Python that is too old, or a Debian Python without its `venv` package (it lacks `ensurepip`)."""
    if version < OLDEST:
        found = ".".join(map(str, version))
        raise Refusal(f"Python 3.11 or newer is needed; this is {found}. Name another one: make run PYTHON=python3.11")
    if not (_is_there("venv") and _is_there("ensurepip")):
        raise Refusal("Python's venv module is missing. Install it as root: apt-get install python3-venv")


def _is_there(module: str) -> bool:
    """Say whether the module has a file: a removed package may leave an empty folder, which can be imported too."""
    specification = find_spec(module)
    return specification is not None and specification.origin is not None
