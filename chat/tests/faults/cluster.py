"""Web processes on one MariaDB and one Redis of their own, all of which a test may kill and start again."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chat.tests.browser.asking import Clerk
from chat.tests.browser.backstage import Backstage
from chat.tests.faults.provider import Answer, Provider
from chat.tests.faults.reader import Reader
from tools import data, ports, services, throwaway
from tools.application import command_of
from tools.serve import is_healthy
from tools.servers import Server

PATIENCE = 30.0  # seconds: a deadline for a busy machine, not a pause
GRACE = 2  # seconds that a run has after SIGTERM
CLERK = "chat.tests.faults.clerk"
PASSWORD = "correct-horse-staple"


def eventually(is_so: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Wait until something is so, looking often."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


@dataclass(frozen=True)
class Person:
    """An account, and the cookies of its sign-in."""

    name: str
    cookies: dict[str, str]


def web(name: str, folder: Path, environment: Mapping[str, str], server: str = "daphne") -> Server:
    """Make a web process, not yet started."""
    port = ports.any_free()
    return Server(command_of(server, port), port, folder / f"{name}.log", environment=environment, is_up=is_healthy)


@dataclass
class Cluster:
    """What runs, and what a test does with it."""

    folder: Path
    environment: Mapping[str, str]
    backstage: Backstage
    provider: Provider
    clerk: Clerk
    web: dict[str, Server]
    database: Server | None = None
    cache: Server | None = None
    readers: list[Reader] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def need(self, *names: str) -> None:
        """Start the web processes that do not run: together, for most of their start is thinking."""
        absent = [self.web[name] for name in names if not self.web[name].is_running]
        for server in absent:
            server.launch()
        for server in absent:
            server.wait_until_up()

    def person(self, name: str = "ann", credit: int = 500) -> Person:
        """Make somebody with so many credits, whom no other test knows."""
        full = f"{name}{next(self._numbers)}"
        return Person(full, self.clerk.ask("person", name=full, password=PASSWORD, credit=credit))

    def reader(self, person: Person, *names: str) -> Reader:
        """Make a reader that tries the named web processes in turn."""
        self.readers.append(Reader(self.backstage, person.cookies, [self.web[name].port for name in names]))
        return self.readers[-1]

    def ask(self, person: Person, *names: str, scenario: str = "words") -> tuple[Reader, Answer]:
        """Ask for an answer over the first of the named web processes, and wait until the run is there."""
        answer, reader = self.provider.answer(), self.reader(person, *names)
        reader.ask(answer.question(scenario))
        eventually(lambda: reader.run, f"accepted; refused with {reader.refusals}")
        return reader, answer

    def follow(self, person: Person, run: str, *names: str) -> Reader:
        """Follow a run over the first of the named web processes."""
        reader = self.reader(person, *names)
        reader.follow(run)
        return reader

    def stored(self, person: Person) -> dict[str, Any]:
        """Give a person's only run as the database has it."""
        (found,) = self.clerk.ask("runs", name=person.name)
        return dict(found)

    def end_test(self) -> None:
        """See that everything has come to its end: runs, holds, and books that agree."""
        self.provider.release()
        eventually(lambda: self.clerk.ask("open_ends") == {"runs": 0, "holds": 0}, "all runs and holds ended")
        assert self.clerk.ask("differences") == 0
        for reader in self.readers:
            reader.close()
        contradictions = [contradiction for reader in self.readers for contradiction in reader.contradictions]
        self.readers.clear()
        assert contradictions == []
        assert self.provider.violations == []


def memory_of(server: Server) -> int:
    """Give the resident memory of a process in bytes."""
    status = Path(f"/proc/{server.pid}/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


def wait_for_text(reader: Reader, count: int) -> None:
    """Wait until a reader has so many characters."""
    eventually(lambda: len(reader.text) >= count, f"{count} characters; it has {len(reader.text)}, {reader.refusals}")


def wait_for_end(reader: Reader, seconds: float = PATIENCE) -> str:
    """Wait until a reader was told the end; gives how."""
    eventually(lambda: reader.ended, f"ended; {reader.closes} {reader.refusals} {len(reader.text)}", seconds)
    assert reader.ended
    return str(reader.ended["end"])


@contextmanager
def with_services(folder: Path) -> Iterator[Cluster]:
    """Make MariaDB, Redis and the web processes a, b (daphne) and u (uvicorn), of which none runs yet."""
    database, urls = services.mariadb(folder, services.SURVIVES_A_KILL)
    cache, url = services.redis(folder)
    with database, cache, _cluster(folder, urls | url) as cluster:
        for name, server in (("a", "daphne"), ("b", "daphne"), ("u", "uvicorn")):
            cluster.web[name] = web(name, folder, cluster.environment, server)
        cluster.database, cluster.cache = database, cache
        yield cluster


@contextmanager
def embedded(folder: Path) -> Iterator[Cluster]:
    """Make one web process on a folder, without any server."""
    with _cluster(folder, {}) as cluster:
        cluster.web["a"] = web("a", folder, cluster.environment)
        yield cluster


@contextmanager
def _cluster(folder: Path, extra: Mapping[str, str]) -> Iterator[Cluster]:
    with Backstage() as backstage, closing(Provider(backstage)) as provider, ExitStack() as stack:
        environment = throwaway.environment(folder / "data", os.environ) | provider.environment
        environment |= {"DEBUG": "true", "SIGNUP_GRANT_CREDITS": "0", "RUN_GRACE_SECONDS": str(GRACE), **extra}
        data.prepare(environment, collects=False)
        clerk = stack.enter_context(closing(Clerk(environment, CLERK)))
        cluster = Cluster(folder, environment, backstage, provider, clerk, {})
        yield cluster
        for server in cluster.web.values():
            server.stop()
