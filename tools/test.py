"""`make test`: the suite on SQLite, and once more on a private MariaDB and Redis where they are installed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile

from tools import chromium, services
from tools.places import ROOT, program
from tools.pytest_environment import SERVICES
from tools.refusal import Refusal, speak

PROCESSES = 2
TIDY_SECONDS = 30
STRICT = "CAICAINI_REQUIRE_SERVICES"
PACKAGES = "mariadb-server redis-server chromium"


def main() -> int:
    """Pass the command line on to pytest; give 1 when either pass failed."""
    lacking = _lacking()
    if os.environ.get(STRICT) and lacking:
        raise Refusal(f"{STRICT} is set, but this is missing: {lacking}. As root: apt-get install {PACKAGES}")
    with tempfile.TemporaryDirectory(prefix="caicaini-test-") as folder:
        inherited = dict(os.environ) | {"TMPDIR": folder}
        codes = [_suite("SQLite, no server", inherited), _suite_on_servers(inherited)]
    return int(any(codes))


def _suite_on_servers(inherited: dict[str, str]) -> int:
    reason = services.why_not()
    if reason and os.environ.get(STRICT):
        raise Refusal(f"{STRICT} is set, but the servers cannot be used: {reason}")
    if reason:
        print(f"\nSkipped the second pass, on MariaDB and Redis: {reason}", flush=True)
        return 0
    with services.running() as urls:
        return _suite("MariaDB and Redis", inherited | urls | {SERVICES: "1"})


def _suite(title: str, environment: dict[str, str]) -> int:
    """Run pytest; what ends this process ends pytest too, which may tidy up first."""
    print(f"\nTests on {title}", flush=True)
    command = [program("python"), "-m", "pytest", "-n", str(PROCESSES), "--dist", "loadgroup", *sys.argv[1:]]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        return process.wait()
    except KeyboardInterrupt:  # the terminal sent it to pytest as well
        process.wait(TIDY_SECONDS)
        raise
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(TIDY_SECONDS)


def _lacking() -> str:
    names = services.missing() + ([] if chromium.path() else [chromium.PACKAGE])
    return ", ".join(names)


if __name__ == "__main__":
    sys.exit(speak(main))
