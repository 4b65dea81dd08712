"""Installs the test tools and becomes one of ours that needs them: `python3 -m tools.workshop check`."""

from __future__ import annotations

import os
import sys

from tools import interpreter, libraries
from tools.places import PYTHON, ROOT
from tools.refusal import speak
from tools.run import only_one_at_a_time


def main() -> int:
    """Take the tool's name and its arguments from the command line."""
    interpreter.check()
    os.chdir(ROOT)
    with only_one_at_a_time():
        libraries.install(libraries.base(), libraries.development())
    tool, *arguments = sys.argv[1:]
    os.execv(PYTHON, [str(PYTHON), "-m", f"tools.{tool}", *arguments])


if __name__ == "__main__":
    sys.exit(speak(main))
