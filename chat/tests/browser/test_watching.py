"""The watch over every page notices what it is there for."""

from __future__ import annotations

import re

import pytest

from chat.tests.browser.room import Room
from chat.tests.browser.stage import PATIENCE_MS
from chat.tests.browser.visiting import Visits

pytestmark = pytest.mark.browser
POLL_MS = 50
ELSEWHERE = "http://elsewhere.invalid/"
SINS = {
    "another host": f"setTimeout(() => location.assign('{ELSEWHERE}'))",
    "content security policy: connect-src": f"fetch('{ELSEWHERE}').catch(() => {{}})",
    "content security policy: img-src": f"new Image().src = '{ELSEWHERE}pixel.png'",
    "page error: .*spilled": "setTimeout(() => { throw new Error('spilled'); })",
    "page error: .*dropped": "Promise.reject(new Error('dropped')) && 0",
    "console error: muttered": "console.error('muttered')",
}


@pytest.mark.parametrize("problem", SINS)
def test_the_watch_notices(room: Room, visits: Visits, problem: str) -> None:
    room.page.evaluate(f"void setTimeout(() => {{ {SINS[problem]} }})")
    for _ in range(PATIENCE_MS // POLL_MS):
        if any(re.search(problem, each) for each in visits.watch.problems):
            break
        room.page.wait_for_timeout(POLL_MS)
    with pytest.raises(AssertionError, match=problem):
        visits.watch.check()
    visits.watch.expect("")  # all that this test did was wrong on purpose
