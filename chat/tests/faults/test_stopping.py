"""A stop over one process reaches the process that writes the answer."""

from __future__ import annotations

import time

import pytest

from chat.tests.faults.cluster import Cluster, wait_for_end, wait_for_text

pytestmark = pytest.mark.services
AT_ONCE = 1.0  # seconds


def test_stop_from_elsewhere_ends_the_answer_at_once(cluster: Cluster, report: list[str]) -> None:
    ann = cluster.person()
    over_a, _answer = cluster.ask(ann, "a")
    over_b = cluster.follow(ann, over_a.run, "b")
    wait_for_text(over_b, 200)

    asked_at = time.monotonic()
    over_b.say("stop", id="stop", run=over_b.run)
    for reader in (over_a, over_b):
        assert wait_for_end(reader) == "stopped"
        report.append(f"ended {(reader.ended_at - asked_at) * 1000:.0f} ms after the stop")
        assert reader.ended_at - asked_at < AT_ONCE
    assert over_a.text == over_b.text == cluster.stored(ann)["text"]
