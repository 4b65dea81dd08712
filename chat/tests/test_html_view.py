"""The HTML that followers share: complete for each of them, whoever leaves, and made beside the event loop."""

from __future__ import annotations

import asyncio
import threading
from contextlib import aclosing
from typing import Any

import pytest

from chat import html_view, rendering
from chat.html_view import HtmlChange, HtmlView
from chat.rendering import LiveDocument
from chat.runlog import Channel, RunLog

LONG = "Some **bold** words.\n\n" * 400


async def blocks_of(view: HtmlView) -> list[str]:
    """Do what a page does with the frames."""
    blocks: list[str] = []
    async with aclosing(view.follow()) as changes:
        async for change in changes:
            if isinstance(change, HtmlChange):
                assert change.first <= len(blocks)
                blocks[change.first :] = change.blocks
    return blocks


def threads_of(monkeypatch: pytest.MonkeyPatch, *names: str) -> dict[str, set[int]]:
    """Note on which threads the document works."""
    seen: dict[str, set[int]] = {name: set() for name in names}
    for name in names:
        real = getattr(LiveDocument, name)

        def noted(document: Any, name: str = name, real: Any = real) -> Any:
            seen[name].add(threading.get_ident())
            return real(document)

        monkeypatch.setattr(LiveDocument, name, noted)
    return seen


async def test_long_reply_is_rendered_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = threads_of(monkeypatch, "changes", "finish")
    log = RunLog()
    log.append(Channel.TEXT, LONG)
    log.close()
    assert await blocks_of(HtmlView(log)) == rendering.render(LONG)
    assert threads["changes"]
    assert threads["finish"]
    assert threading.get_ident() not in threads["changes"] | threads["finish"]


async def test_short_reply_is_rendered_without_the_way_to_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = threads_of(monkeypatch, "changes", "finish")
    log = RunLog()
    log.append(Channel.TEXT, "Seine")
    log.close()
    assert await blocks_of(HtmlView(log)) == rendering.render("Seine")
    assert threads["changes"] == threads["finish"] == {threading.get_ident()}


async def test_follower_that_leaves_while_a_thread_renders_spoils_nothing_for_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    real = LiveDocument.changes

    def slow(document: LiveDocument) -> Any:
        begun.set()
        assert go_on.wait(10)
        return real(document)

    monkeypatch.setattr(LiveDocument, "changes", slow)
    log = RunLog()
    view = HtmlView(log)
    log.append(Channel.TEXT, LONG)
    leaver, stayer = asyncio.create_task(blocks_of(view)), asyncio.create_task(blocks_of(view))
    assert await asyncio.to_thread(begun.wait, 10)
    leaver.cancel()
    log.append(Channel.TEXT, "The end.")
    log.close()
    go_on.set()
    late = asyncio.create_task(blocks_of(view))
    whole = rendering.render(LONG + "The end.")
    assert await stayer == await late == whole
    assert leaver.cancelled()


async def test_slow_html_follower_gets_everything_although_the_log_forgot_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(html_view, "TICK", 0.0)
    log = RunLog(most_entries=3)
    view = HtmlView(log)
    log.append(Channel.TEXT, "word 0\n\n")
    first = asyncio.create_task(blocks_of(view))
    await asyncio.sleep(0)
    for number in range(1, 200):
        log.append(Channel.TEXT, f"word {number}\n\n")
        if number % 40 == 0:
            await asyncio.sleep(0)
    log.close()
    whole = rendering.render("".join(f"word {number}\n\n" for number in range(200)))
    assert await first == await blocks_of(view) == whole


async def test_reply_without_a_word_gives_no_blocks() -> None:
    log = RunLog()
    log.append(Channel.REASONING, "Hm.")
    log.close()
    assert await blocks_of(HtmlView(log)) == []
