"""Processes of the benchmark: each on its core, spoken to by lines of JSON, ended by its id."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools.places import PYTHON, ROOT
from tools.refusal import Refusal
from tools.servers import stop

PATIENCE = 300.0  # seconds for the longest scenario


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Let what is started in here inherit a core; on a machine with one core there is nothing to choose."""
    before = os.sched_getaffinity(0)
    wanted = {core} & before or before
    os.sched_setaffinity(0, wanted)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Helper:
    """One such process; the first line that it says is `first`."""

    def __init__(
        self, name: str, arguments: Sequence[str], core: int, log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self._log = log
        self._reader = ThreadPoolExecutor(1)
        with on_core(core), log.open("ab") as complaints:
            self.process = subprocess.Popen(
                [str(PYTHON), *arguments],
                cwd=ROOT,
                env=None if environment is None else dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
            )
        try:
            self.first = self.hear()
        except Refusal:
            self.close()
            raise

    def ask(self, command: str, **fields: Any) -> Any:
        """Have something done and give its result; raises Refusal with the other side's complaint."""
        assert self.process.stdin
        self.process.stdin.write(f"{json.dumps([command, fields])}\n".encode())
        self.process.stdin.flush()
        answer = self.hear()
        if "done" not in answer:
            raise Refusal(f"{self.name} failed at {command}:\n{answer.get('failed')}")
        return answer["done"]

    def hear(self) -> dict[str, Any]:
        """Wait for one line."""
        assert self.process.stdout
        try:
            line = self._reader.submit(self.process.stdout.readline).result(PATIENCE)
        except TimeoutError:
            raise Refusal(f"{self.name} said nothing for {PATIENCE:.0f} s.") from None
        if not line:
            raise Refusal(f"{self.name} ended: {tail(self._log)}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        stop(self.process)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe
            pipe.close()
        self._reader.shutdown()


def tail(log: Path) -> str:
    """Give the last lines of a log."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]) or "it said nothing"
