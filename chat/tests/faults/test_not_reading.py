"""A client that stops reading costs the server little, and has lost nothing when it reads again."""

from __future__ import annotations

import pytest

from chat.tests.faults.cluster import Cluster, eventually, memory_of, wait_for_end, wait_for_text
from chat.tests.faults.provider import FLOODED

pytestmark = pytest.mark.services
SLEEPERS = 10  # over each process: one alone would be lost in what memory does by itself
MOST = 1_048_576  # bytes for each; the whole answer has three times as much


def memory(cluster: Cluster) -> dict[str, int]:
    return {name: memory_of(cluster.web[name]) for name in ("a", "b")}


def test_sleeping_clients_cost_little_and_lose_nothing(cluster: Cluster, report: list[str]) -> None:
    ann, bob = cluster.person("ann"), cluster.person("bob")
    before = memory(cluster)
    awake, _ = cluster.ask(ann, "a", scenario="words-flood")
    also_awake = cluster.follow(ann, awake.run, "b")
    cluster.provider.release()
    assert wait_for_end(awake) == wait_for_end(also_awake) == "finished"
    one_answer = {name: after - before[name] for name, after in memory(cluster).items()}

    writer, answer = cluster.ask(bob, "a", scenario="words-flood")
    witness = cluster.follow(bob, writer.run, "b")
    sleepers = [cluster.follow(bob, writer.run, name) for name in ("a", "b") for _ in range(SLEEPERS)]
    for sleeper in sleepers:
        wait_for_text(sleeper, 50)
        sleeper.sleep()
    before = memory(cluster)
    answer.is_released = True
    assert wait_for_end(writer) == wait_for_end(witness) == "finished"
    for name, after in memory(cluster).items():
        cost = (after - before[name] - max(one_answer[name], 0)) / SLEEPERS
        report.append(f"{name}: {cost / 1024:.0f} KiB for each sleeper (an answer by itself {one_answer[name] >> 10} KiB)")
        assert cost < MOST
    assert all(len(sleeper.text) < len(FLOODED) / 2 for sleeper in sleepers)

    for sleeper in sleepers:
        sleeper.wake()
    for sleeper in sleepers:
        assert wait_for_end(sleeper) == "finished"
        assert sleeper.text == writer.text == answer.text + FLOODED
    eventually(lambda: cluster.stored(bob)["text"] == writer.text, "stored")
