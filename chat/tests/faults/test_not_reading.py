"""A client that stops reading costs the server little, and has lost nothing when it reads again."""

from __future__ import annotations

import pytest

from chat.tests.faults.cluster import Cluster, memory_of, wait_for_end, wait_for_text
from chat.tests.faults.provider import FLOODED

pytestmark = pytest.mark.services
SLEEPERS = 20  # over each process: one alone would be lost in what memory does by itself
MOST = 1_048_576  # bytes for each; the whole answer has three times as much


def memory(cluster: Cluster) -> dict[str, int]:
    return {name: memory_of(cluster.web[name]) for name in ("a", "b")}


def flooded(cluster: Cluster) -> dict[str, int]:
    """Let a long answer be read over both processes by clients that do read; gives by how much they grew."""
    before = memory(cluster)
    bob = cluster.person("bob")
    writer, answer = cluster.ask(bob, "a", scenario="words-flood")
    witness = cluster.follow(bob, writer.run, "b")
    wait_for_text(witness, 50)
    answer.is_released = True
    assert wait_for_end(writer) == wait_for_end(witness) == "finished"
    return {name: after - before[name] for name, after in memory(cluster).items()}


def test_sleeping_clients_cost_little_and_lose_nothing(cluster: Cluster, report: list[str]) -> None:
    flooded(cluster)  # the first one brings what stays for ever
    usual = flooded(cluster)
    ann = cluster.person()
    writer, answer = cluster.ask(ann, "a", scenario="words-flood")
    witness = cluster.follow(ann, writer.run, "b")
    sleepers = [cluster.follow(ann, writer.run, name) for name in ("a", "b") for _ in range(SLEEPERS)]
    for sleeper in sleepers:
        wait_for_text(sleeper, 50)
        sleeper.sleep()
    before = memory(cluster)
    answer.is_released = True
    assert wait_for_end(writer) == wait_for_end(witness) == "finished"
    for name, after in memory(cluster).items():
        grown, answer_s_own = after - before[name], max(usual[name], 0)
        each = (grown - answer_s_own) / SLEEPERS
        report.append(f"{name}: +{grown >> 10} KiB with {SLEEPERS} sleepers, +{answer_s_own >> 10} KiB without any")
        assert each < MOST
    assert all(len(sleeper.text) < len(FLOODED) / 2 for sleeper in sleepers)

    for sleeper in sleepers:
        sleeper.wake()
    for sleeper in sleepers:
        assert wait_for_end(sleeper) == "finished"
        assert sleeper.text == writer.text == answer.text + FLOODED
    assert cluster.stored(ann)["text"] == writer.text
