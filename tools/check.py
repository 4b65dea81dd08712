"""`make check`: all that can be judged without using the product; everything runs, failures are listed at the end."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools import services, throwaway
from tools.places import PYTHON, ROOT, program
from tools.refusal import speak

AT_ONCE = 2
PRODUCTION = {
    "SITE_URL": "https://chat.example",
    "ALLOWED_HOSTS": "chat.example",
    "DEMO_MODEL": "false",
    "TURNSTILE_SITE_KEY": "0x4AAAAAAA-checked-site",
    "TURNSTILE_SECRET_KEY": "0x4AAAAAAA-checked-secret",
    "EMAIL_URL": "smtp+tls://user:password@mail.example:587",
}


@dataclass(frozen=True)
class Check:
    """One command, and its outcome once it ran."""

    title: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    title: str
    is_good: bool
    output: str
    seconds: float


def main() -> int:
    """Give 1 when any check failed."""
    with tempfile.TemporaryDirectory(prefix="caicaini-check-") as folder:
        environment = throwaway.environment(Path(folder), os.environ) | PRODUCTION
        with ThreadPoolExecutor(AT_ONCE) as pool:
            outcomes = [_report(outcome) for outcome in pool.map(lambda check: _judge(check, environment), checks())]
    failed = [outcome.title for outcome in outcomes if not outcome.is_good]
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll checks passed.")
    return int(bool(failed))


def checks() -> Iterator[Check]:
    """Give every check, the longest first."""
    yield Check("types", (program("mypy"),))
    yield Check("lint", (program("ruff"), "check", "--quiet"))
    yield Check("format", (program("ruff"), "format", "--check", "--quiet"))
    yield Check("import contracts", (program("lint-imports"), "--no-logo"))
    if templates := template_files():
        yield Check("templates", (program("djade"), "--check", *templates))
    deployment = _manage("collectstatic --no-input -v 0", "check --deploy --fail-level WARNING")
    if reason := services.why_not():
        print(f"The deployment checks leave out MariaDB: {reason}", flush=True)
    else:
        deployment += f" && {PYTHON} -m tools.deployment"
    yield Check("deployment", ("sh", "-c", deployment))
    yield Check("migrations", (str(PYTHON), "manage.py", "makemigrations", "--check", "--dry-run"))
    for catalogue in sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po")):
        title = f"translation {catalogue.relative_to(ROOT)}"
        yield Check(title, (program("pybabel"), "compile", "-i", str(catalogue), "-o", os.devnull))
    if any(ROOT.glob("*/management/commands/generate_docs.py")):
        yield Check("generated documents", (str(PYTHON), "manage.py", "generate_docs", "--check"))


def template_files() -> list[str]:
    """Name the Django templates, in the shared folder and in the apps."""
    paths = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("*/templates/**/*.html")]
    return sorted(str(path.relative_to(ROOT)) for path in paths)


def _manage(*commands: str) -> str:
    return " && ".join(f"{PYTHON} manage.py {command}" for command in commands)


def _judge(check: Check, environment: Mapping[str, str]) -> Outcome:
    began = time.monotonic()
    ended = subprocess.run(check.command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    output = ended.stdout + ended.stderr
    return Outcome(check.title, ended.returncode == 0, output, time.monotonic() - began)


def _report(outcome: Outcome) -> Outcome:
    print(f"{outcome.title}: {'good' if outcome.is_good else 'FAILED'} ({outcome.seconds:.1f} s)", flush=True)
    if not outcome.is_good:
        print(outcome.output, flush=True)
    return outcome


if __name__ == "__main__":
    sys.exit(speak(main))
