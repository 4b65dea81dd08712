"""The house, the stage, and people who come in: each test has visitors and a watch of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chat.tests.browser import house as houses
from chat.tests.browser.house import House, Person
from chat.tests.browser.room import Room
from chat.tests.browser.stage import Stage
from chat.tests.browser.visiting import Visits
from tools import chromium


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a browser test on the stage; afterwards its pages must have behaved."""
    visits = pyfuncitem.funcargs.get("visits")
    if not isinstance(visits, Visits):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    visits.stage.run(pyfuncitem.obj, **{name: pyfuncitem.funcargs[name] for name in names})
    visits.watch.check()
    return True


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    if not chromium.path():
        pytest.skip("Chromium is not installed.")
    with Stage() as stage:
        yield stage


@pytest.fixture(scope="session")
def house(stage: Stage, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("house")
    with django_db_blocker.unblock(), houses.running(folder) as house:
        yield house


@pytest.fixture
def visits(stage: Stage, house: House) -> Iterator[Visits]:
    """Give the way in; the browsers of a test are closed after it, and held answers let go."""
    visits = Visits(stage, house)
    yield visits
    house.provider.release()
    stage.run(visits.close)


@pytest.fixture
def ann(house: House) -> Person:
    """A customer with 500 credits."""
    return house.person("ann")


@pytest.fixture
def room(visits: Visits, ann: Person) -> Room:
    """Ann's empty chat on a desk's screen."""
    return visits.stage.run(visits.room, ann)
