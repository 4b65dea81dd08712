"""One process with SQLite and no Redis is killed amid an answer and started again on the same folder."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat.tests.faults import cluster as clusters
from chat.tests.faults.cluster import Cluster, eventually, wait_for_end, wait_for_text
from chat.tests.faults.provider import words
from tools.pytest_environment import SERVICES

SNAPSHOT = 2.0 + 0.5  # seconds between two, and for storing one
START = 30.0  # seconds after a start within which nothing is left over from before


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Cluster]:
    with clusters.embedded(tmp_path) as cluster:
        cluster.need("a")
        yield cluster
        cluster.end_test()


@pytest.mark.skipif(SERVICES in os.environ, reason="runs in the first pass, without servers")
def test_at_most_one_snapshot_is_lost(alone: Cluster, report: list[str]) -> None:
    ann = alone.person()
    reader, _answer = alone.ask(ann, "a")
    begun_at = time.monotonic()
    eventually(lambda: time.monotonic() - begun_at > 2 * SNAPSHOT, "two snapshots were made")
    wait_for_text(reader, 500)

    killed_at = time.monotonic()
    alone.web["a"].kill()
    alone.web["a"].start()
    started_at = time.monotonic()
    assert wait_for_end(reader, START) == "interrupted"
    report.append(f"interrupted {reader.ended_at - started_at:.1f} s after the start")

    stored = alone.stored(ann)
    assert (stored["end"], stored["rule"]) == ("interrupted", "interrupted")
    assert stored["text"].startswith(reader.text_before(killed_at - SNAPSHOT))
    assert words(10_000).startswith(stored["text"])
    report.append(f"lost {len(reader.text_before(killed_at)) - len(stored['text'])} characters")
