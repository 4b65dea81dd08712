"""Django's deployment checks against a private MariaDB: some look at what the engine can do."""

from __future__ import annotations

import os
import subprocess
import sys

from tools import services
from tools.places import PYTHON
from tools.refusal import speak

COMMAND = "manage.py check --deploy --fail-level WARNING --database default --database vault"


def main() -> int:
    """Give the checks' own exit code. The rest of the environment is the caller's."""
    with services.running() as urls:
        return subprocess.run([str(PYTHON), *COMMAND.split()], env={**os.environ, **urls}, check=False).returncode


if __name__ == "__main__":
    sys.exit(speak(main))
