"""`make format`: mend what can be mended without thinking."""

from __future__ import annotations

import subprocess
import sys

from tools.check import template_files
from tools.places import ROOT, program
from tools.refusal import speak


def main() -> int:
    """Format code and templates; give 1 when lint is left that a person must mend."""
    subprocess.run([program("ruff"), "format"], cwd=ROOT, check=False)
    if templates := template_files():
        subprocess.run([program("djade"), *templates], cwd=ROOT, stderr=subprocess.DEVNULL, check=False)
    return subprocess.run([program("ruff"), "check", "--fix"], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(speak(main))
