"""Where things lie in a clone."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def program(name: str) -> str:
    """Give the path of a command that a library brought along."""
    return str(VENV / "bin" / name)
