"""What people and models say is found nowhere in clear: no table, no file, no log, no queue."""

from __future__ import annotations

import zlib
from base64 import b64encode
from pathlib import Path
from secrets import token_hex

import pytest
from playwright.sync_api import expect

from chat.tests.browser.house import House, Person
from chat.tests.browser.hunting import files_that_hide, hides
from chat.tests.browser.room import Room
from chat.tests.browser.visiting import Visits

CANARY = "the heron at the seventh mouth"


@pytest.mark.browser
def test_what_was_said_is_found_nowhere_in_clear(room: Room, visits: Visits, house: House, ann: Person) -> None:
    said, failed, stopped, title = (f"canary{token_hex(8)}" for _ in range(4))
    room.ask(said, "echo")
    room.expect_end()
    expect(room.body).to_contain_text(said.upper())
    field = room.rename(said)
    field.fill(title)
    field.press("Enter")
    expect(room.links).to_have_text([title])
    room.ask(stopped, "held")
    room.stop_button.click()
    room.expect_end("stopped")
    room.page.goto("/chat/")
    room.ask(failed, "error-midway")
    room.expect_end("failed")
    room.choose(failed, "Delete")
    expect(room.links).to_have_text([title])
    assert house.leaks([said, said.upper(), failed, stopped, title]) == []
    assert house.leaks([ann.name]) != [], "the hunt looks in the right places: names are stored"


def hidden_ways() -> dict[str, bytes]:
    words = f"so it says: {CANARY}, and so on".encode()
    return {
        "plain": words,
        "base64": b64encode(b'{"text": "' + words + b'"}'),
        "shifted base64": b64encode(b"xx" + words),
        "hex": words.hex().encode(),
        "utf-16": words.decode().encode("utf-16-le"),
        "zlib": b"row\x01\x02" + zlib.compress(words * 3) + b"\0\0",
        "zlib in the middle": bytes(range(256)) + zlib.compress(words, 9) + bytes(range(256)),
    }


@pytest.mark.parametrize("way", hidden_ways())
def test_the_hunt_finds_what_is_hidden(tmp_path: Path, way: str) -> None:
    hidden = hidden_ways()[way]
    (tmp_path / "somewhere").mkdir()
    (tmp_path / "somewhere" / "file").write_bytes(b"\0" * 999 + hidden)
    (tmp_path / "innocent").write_bytes(b"the seventh mouth of the heron")
    assert hides(hidden, [CANARY])
    assert files_that_hide(tmp_path, [CANARY]) == [str(tmp_path / "somewhere" / "file")]
