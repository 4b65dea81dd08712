"""Everybody's socket breaks at the same moment, as when a proxy is restarted, and everybody comes back at once."""

from __future__ import annotations

import time

import pytest

from chat.tests.faults.cluster import Cluster, eventually, wait_for_end, wait_for_text

pytestmark = pytest.mark.services
SOCKETS = 200


def test_two_hundred_sockets_come_back_at_once_and_miss_nothing(cluster: Cluster, report: list[str]) -> None:
    ann = cluster.person()
    writer, answer = cluster.ask(ann, "a")
    readers = [cluster.follow(ann, writer.run, "b") for _ in range(SOCKETS)]
    for reader in readers:
        wait_for_text(reader, 100)

    broken_at = time.monotonic()
    for reader in readers:
        reader.break_line()
    eventually(lambda: all(reader.opened == 2 for reader in readers), "all are back")
    report.append(f"all were back after {time.monotonic() - broken_at:.1f} s")
    known = len(writer.text)
    for reader in readers:
        wait_for_text(reader, known + 100)
    answer.is_released = True

    for reader in [writer, *readers]:
        assert wait_for_end(reader) == "finished"
        assert reader.text == answer.text
