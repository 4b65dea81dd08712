"""The tests' end of the clerk: a command out, its answer in."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from typing import Any

from tools.places import PYTHON, ROOT

PATIENCE = 20  # seconds
HERE = "chat.tests.browser.clerk"


class Clerk:
    """A process beside the site that works in its database; see `clerk` for what it can do."""

    def __init__(self, environment: Mapping[str, str], module: str = HERE) -> None:
        program = f"from {module} import serve; serve()"
        command = [str(PYTHON), "manage.py", "shell", "--no-imports", "-c", program]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True)

    def ask(self, command: str, **fields: Any) -> Any:
        """Have a command done; its traceback, if any, goes to standard error."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{json.dumps([command, fields])}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the clerk could not do: {command}"
        return json.loads(answer)

    def close(self) -> None:
        try:
            self._process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
