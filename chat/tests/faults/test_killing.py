"""A web process is killed amid an answer: the one that writes it, and the one over which it is read."""

from __future__ import annotations

import time

import pytest

from chat.tests.faults.cluster import Cluster, wait_for_end, wait_for_text
from chat.tests.faults.provider import words

pytestmark = pytest.mark.services
NOT_YET_COPIED = 0.1  # seconds: what was shown for longer is never lost


def test_killing_the_writer_loses_nothing_that_was_shown(cluster: Cluster, report: list[str]) -> None:
    ann = cluster.person()
    over_a, _answer = cluster.ask(ann, "a", "b")
    over_b = cluster.follow(ann, over_a.run, "b")
    wait_for_text(over_b, 300)
    wait_for_text(over_a, len(over_a.text) + 110)  # some 300 ms later: not just when everything has been copied

    killed_at = time.monotonic()
    cluster.web["a"].kill()
    assert wait_for_end(over_b) == "interrupted"
    assert wait_for_end(over_a) == "interrupted"  # it went on over b

    report.append(f"interrupted {over_b.ended_at - killed_at:.1f} s after the kill")
    assert over_b.text.startswith(over_a.text_before(killed_at - NOT_YET_COPIED))
    assert over_b.text.startswith(over_b.text_before(killed_at))
    assert over_a.text.startswith(over_b.text)  # it may have been shown a word that nobody else ever saw
    assert words(10_000).startswith(over_b.text)
    stored = cluster.stored(ann)
    assert (stored["text"], stored["end"], stored["rule"]) == (over_b.text, "interrupted", "interrupted")


def test_killing_the_follower_s_process_leaves_no_gap(cluster: Cluster) -> None:
    ann = cluster.person()
    writer, answer = cluster.ask(ann, "a")
    reader = cluster.follow(ann, writer.run, "b", "a")
    wait_for_text(reader, 300)

    cluster.web["b"].kill()
    wait_for_text(reader, len(reader.text) + 300)
    answer.is_released = True

    assert wait_for_end(reader) == "finished"
    assert reader.opened == 2
    assert reader.text == answer.text == cluster.stored(ann)["text"]
