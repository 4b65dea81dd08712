"""The watch over every page notices what it is there for."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from chat.tests.browser.room import Room
from chat.tests.browser.stage import PATIENCE_MS
from chat.tests.browser.visiting import Visits

pytestmark = pytest.mark.browser
POLL_MS = 50
ELSEWHERE = "http://elsewhere.invalid/"
SINS = {
    "content security policy: connect-src": f"fetch('{ELSEWHERE}').catch(() => {{}})",
    "content security policy: img-src": f"new Image().src = '{ELSEWHERE}pixel.png'",
    "page error: .*spilled": "throw new Error('spilled')",
    "page error: .*dropped": "Promise.reject(new Error('dropped'))",
    "console error: muttered": "console.error('muttered')",
    "request to another host": f"location.assign('{ELSEWHERE}')",
}


def test_the_watch_notices_every_sin(room: Room, visits: Visits) -> None:
    expect(room.box).to_be_editable()
    visits.watch.check()
    for problem, sin in SINS.items():
        room.page.evaluate(f"void setTimeout(() => {{ {sin} }})")
        assert is_noticed(room, visits, problem), problem
    with pytest.raises(AssertionError, match="another host"):
        visits.watch.check()
    visits.watch.expect("")  # all that this test did was wrong on purpose


def is_noticed(room: Room, visits: Visits, problem: str) -> bool:
    """Look again until it is, or patience ends."""
    for _ in range(PATIENCE_MS // POLL_MS):
        if any(re.search(problem, each) for each in visits.watch.problems):
            return True
        room.page.wait_for_timeout(POLL_MS)
    return False
