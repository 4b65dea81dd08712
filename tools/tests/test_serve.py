"""The supervisor with real processes: they start together and end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from honcho.manager import SYSTEM_PRINTER_NAME
from honcho.printer import Message

from tools.places import ROOT
from tools.serve import Supervisor

PROGRAM = """
import sys, threading
from tools.serve import Supervisor, say
ready = threading.Thread(target=say, args=("all run",))
commands = dict(command.split("=", 1) for command in sys.argv[1:])
sys.exit(Supervisor(commands, ready).run())
"""


@contextmanager
def supervised(*commands: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", PROGRAM, *commands]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def test_the_end_of_one_process_ends_all_and_is_named() -> None:
    with supervised("lasting=exec sleep 60", "failing=echo broken; exit 3") as supervisor:
        said, _ = supervisor.communicate(timeout=20)
    assert supervisor.returncode == 1
    assert "failing | broken" in said
    assert "All was stopped because failing ended with exit code 3" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_without_complaint(number: signal.Signals) -> None:
    with supervised("one=echo $$; exec sleep 60", "two=echo $$; exec sleep 60") as supervisor:
        assert supervisor.stdout is not None
        first_lines = {supervisor.stdout.readline() for _ in range(3)}  # two process ids, and that all run
        supervisor.send_signal(number)
        said, _ = supervisor.communicate(timeout=20)
    assert "all run\n" in first_lines
    assert supervisor.returncode == 0
    assert said == "Stopped.\n"
    for line in first_lines - {"all run\n"}:
        with pytest.raises(ProcessLookupError):
            os.kill(int(line.split("|")[1]), 0)


def test_a_signal_during_the_start_waits_for_the_last_process() -> None:
    ready = Thread(target=print)
    supervisor = Supervisor({"one": "exec sleep 60", "two": "exec sleep 60"}, ready)
    ended: list[str] = []
    supervisor.end_all = lambda: ended.append("all")
    supervisor.terminate()
    supervisor.write(remark("one started (pid=1)\n"))
    assert not ended
    supervisor.write(remark("two started (pid=2)\n"))
    assert ended
    assert not ready.is_alive()


def remark(text: str) -> Message:
    return Message(type="line", data=text, time=None, name=SYSTEM_PRINTER_NAME, colour=None)
