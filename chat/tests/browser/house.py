"""Everything that browser tests need running: the site, a stand-in provider, a clerk in its database, Chromium."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chat.tests.browser import databases, hunting
from chat.tests.browser.asking import Clerk
from chat.tests.browser.backstage import Backstage
from chat.tests.browser.provider import RIVER, Provider
from tools.application import Site, served

PASSWORD = "correct-horse-staple"
# In clear these stand in what people write, in all that the provider answers, and in an answer of the demo model.
SECRETS = ["[[scenario:", RIVER, "Nobody thought about these lines"]


@dataclass(frozen=True)
class Person:
    """An account, and the cookies of its sign-in."""

    name: str
    cookies: dict[str, str]


@dataclass(frozen=True)
class House:
    """What runs while this pytest process runs browser tests."""

    site: Site
    provider: Provider
    clerk: Clerk
    backstage: Backstage
    folder: Path
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def port(self) -> int:
        return int(self.site.url.rsplit(":", 1)[1])

    def person(self, name: str, credit: int = 500, *, is_operator: bool = False) -> Person:
        """Make somebody with so many credits, whom no other test knows."""
        full = f"{name}{next(self._numbers)}"
        fields = {"name": full, "password": PASSWORD, "credit": credit, "is_operator": is_operator}
        return Person(full, self.clerk.ask("person", **fields))

    def runs(self, person: Person) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.clerk.ask("runs", name=person.name)
        return found

    def leaks(self, secrets: list[str]) -> list[str]:
        """Give every place of the databases, DATA_DIR and the site's own words that holds one of the texts."""
        found: list[str] = self.clerk.ask("hunt", needles=secrets)
        return found + hunting.files_that_hide(self.folder, secrets)


@contextmanager
def running(folder: Path) -> Iterator[House]:
    """Start it all; at the end the books agree, and nothing that was said is found in clear."""
    with (
        Backstage() as backstage,
        closing(Provider(backstage)) as provider,
        databases.of_this_process() as variables,
        (folder / "site.log").open("wb") as log,
        served(
            folder,
            {**variables, **provider.environment, "SIGNUP_GRANT_CREDITS": "0"},
            log,
            collects=False,
            server="uvicorn" if "REDIS_URL" in variables else "daphne",  # the suite's two passes try both
        ) as site,
        closing(Clerk(site.environment)) as clerk,
    ):
        house = House(site, provider, clerk, backstage, folder)
        yield house
        provider.release()
        assert provider.violations == []
        assert clerk.ask("differences") == 0
        assert house.leaks(SECRETS) == []
