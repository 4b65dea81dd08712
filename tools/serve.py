"""Runs the processes of the Procfile with honcho, says when the site answers, and ends them all together."""

from __future__ import annotations

import http.client
import os
import re
import signal
import sys
import threading
import time

from honcho.environ import parse_procfile
from honcho.manager import SYSTEM_PRINTER_NAME, Manager
from honcho.printer import Message

from tools import environment_file, ports
from tools.places import ROOT

PATIENCE_SECONDS = 60
STOPPED_BY_REQUEST = {130, 143}  # honcho's codes for SIGINT and SIGTERM
STOPPED = re.compile(r"(\w+) stopped \(rc=(-?\d+)\)")


class Supervisor:
    """Starts the processes, prints their lines and, once all run, waits for the first one to end."""

    def __init__(self, commands: dict[str, str], announce: threading.Thread) -> None:
        self.width = 0  # honcho sets it: it takes this object for its printer
        self.announce = announce
        self.to_start = len(commands)
        self.is_ending = False
        self.first_to_stop = ""
        self.manager = Manager(printer=self)
        self.end_all = self.manager.terminate
        self.manager.terminate = self.terminate
        for name, command in commands.items():
            self.manager.add_process(name, command, cwd=str(ROOT))

    def run(self) -> int:
        """Serve until a signal comes or a process ends; give the exit code."""
        signal.signal(signal.SIGHUP, lambda _number, _frame: os.kill(os.getpid(), signal.SIGTERM))
        self.manager.loop()
        if self.manager.returncode in STOPPED_BY_REQUEST:
            say("Stopped.")
            return 0
        print(f"All was stopped because {self.first_to_stop}; its last lines stand above.", file=sys.stderr)
        return 1

    def terminate(self) -> None:
        """End all processes, but not before all began: honcho trips over one whose id it does not know yet."""
        self.is_ending = True
        if self.to_start == 0:
            self.end_all()

    def write(self, message: Message) -> None:
        """Print a process's output; honcho's own remarks are only listened to."""
        text = message.data.decode("utf-8", "replace") if isinstance(message.data, bytes) else message.data
        if message.name == SYSTEM_PRINTER_NAME:
            self._listen(text)
        else:
            say(f"{message.name.ljust(self.width)} | {text.rstrip()}")

    def _listen(self, remark: str) -> None:
        if " started " in remark:
            self.to_start -= 1
            if self.to_start == 0:
                self._all_began()
        stopped = STOPPED.match(remark)
        if stopped and not self.first_to_stop:
            self.first_to_stop = f"{stopped[1]} ended with exit code {stopped[2]}"

    def _all_began(self) -> None:
        if self.is_ending:
            self.end_all()
        else:
            self.announce.start()


def announce_when_ready(port: int, password: str) -> None:
    """Print the address and the demo sign-ins as soon as the site answers."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_healthy(port):
        if time.monotonic() > deadline:
            say(f"The site does not answer on port {port} yet; see the lines above.")
            return
        time.sleep(0.1)
    sign_ins = f"  customer: ann / {password}\n  staff:    sam / {password}\n" if password else ""
    say(f"Caicaini is ready: http://{ports.HOST}:{port}/\n{sign_ins}Ctrl-C stops it.")


def say(text: str) -> None:
    """Print in one piece: two threads speak, and `print` writes the end of the line by itself."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def is_healthy(port: int) -> bool:
    """Ask the site's own health page."""
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main() -> int:
    port = int(os.environ["PORT"])
    password = environment_file.ready(os.environ).get("DEMO_PASSWORD", "")
    announce = threading.Thread(target=announce_when_ready, args=(port, password), daemon=True)
    commands = parse_procfile((ROOT / "Procfile").read_text(encoding="utf-8")).processes
    return Supervisor(commands, announce).run()


if __name__ == "__main__":
    sys.exit(main())
