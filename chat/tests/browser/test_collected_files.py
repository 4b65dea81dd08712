"""Without DEBUG, as in production, static files are collected and carry a hash in their names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from chat.tests.browser.asking import Clerk
from chat.tests.browser.house import House
from chat.tests.browser.visiting import Visits
from tools.application import served
from tools.pytest_environment import SERVICES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(SERVICES in os.environ, reason="no database matters here, and the first pass has done it"),
]
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")


@pytest.fixture
def strict(house: House, tmp_path: Path) -> Iterator[House]:
    """Serve a second site, without DEBUG."""
    with (
        (tmp_path / "site.log").open("wb") as log,
        served(tmp_path, {"DEBUG": "false"}, log) as site,
        closing(Clerk(site.environment)) as clerk,
    ):
        yield House(site, house.provider, clerk, house.backstage, tmp_path)


def test_the_chat_works_with_hashed_files(visits: Visits, strict: House) -> None:
    visits.watch.allow_host(urlsplit(strict.site.url).netloc)
    room = visits.room(strict.person("eve"), url=strict.site.url)
    room.box.fill("code, please")
    room.box.press("Enter")
    room.expect_end()
    expect(room.body.locator("figure.code code span.k").first).to_have_text("def")
    files = [urlsplit(url).path for url in visits.watch.requests if "/static/" in url]
    assert len(files) > 20
    assert [path for path in files if not HASHED.search(path)] == []
