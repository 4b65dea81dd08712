"""A program that answers on a port of the loopback address: started, ended by its id, killed, started again."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tools import ports
from tools.places import ROOT
from tools.refusal import Refusal

START_SECONDS = 60
STOP_SECONDS = 20


class Server:
    """One such program. As a context it runs inside and is gone afterwards; its words go to `log`."""

    def __init__(
        self,
        command: list[str],
        port: int,
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        is_up: Callable[[int], bool] = ports.answers,
    ) -> None:
        self.port = port
        self.log = log
        self._command = command
        self._environment = environment
        self._is_up = is_up
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The id of the process that runs, or ran last."""
        assert self._process
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process is there, whatever it does."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and wait until it answers; raises Refusal with its last line when it does not."""
        self.launch()
        self.wait_until_up()

    def launch(self) -> None:
        """Start it and go on."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [*_leash(), *self._command],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the tests, which still need the server while they end
            )

    def wait_until_up(self) -> None:
        """Wait until it answers; raises Refusal."""
        deadline = time.monotonic() + START_SECONDS
        while not self._is_up(self.port):
            if not self.is_running or time.monotonic() > deadline:
                raise Refusal(f"{self.log.stem} did not start: {last_line(self.log)}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it, gently first."""
        if self._process:
            stop(self._process)

    def kill(self) -> None:
        """End it outright, as a crash does."""
        assert self._process
        self._process.kill()
        self._process.wait()

    def ask_to_end(self) -> None:
        """Send SIGTERM and go on."""
        assert self._process
        self._process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> int:
        """Wait for its end; gives the exit code."""
        assert self._process
        return self._process.wait(seconds)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End one process that this one started, gently first."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def last_line(log: Path) -> str:
    """Give the last thing that a program said, or all that it called errors."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    errors = [line for line in lines if "[ERROR]" in line]
    return " ".join(errors or lines[-1:]) or "it said nothing"


def _leash() -> list[str]:
    """Let the server die with the thread that started it, even killed outright, where the system knows how."""
    leash = shutil.which("setpriv")
    return [leash, "--pdeathsig", "KILL", "--"] if leash else []
