"""`make bench`: the benchmark, once MariaDB's driver is there."""

from __future__ import annotations

import os
import sys

from tools import libraries
from tools.places import PYTHON, ROOT
from tools.refusal import speak


def main() -> int:
    """Pass the command line on to the benchmark."""
    libraries.install(libraries.driver())
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", "bench", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(speak(main))
