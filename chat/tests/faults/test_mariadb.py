"""MariaDB crashes amid an answer and comes back."""

from __future__ import annotations

import pytest

from chat.tests.faults.cluster import Cluster, wait_for_end, wait_for_text

pytestmark = pytest.mark.services


def test_answer_outlives_a_restart_of_the_database(cluster: Cluster) -> None:
    assert cluster.database
    ann = cluster.person()
    over_a, answer = cluster.ask(ann, "a", "b")
    over_b = cluster.follow(ann, over_a.run, "b", "a")
    wait_for_text(over_b, 200)

    cluster.database.kill()
    wait_for_text(over_b, len(over_b.text) + 200)  # nobody who reads notices
    cluster.database.start()
    wait_for_text(over_b, len(over_b.text) + 200)
    answer.is_released = True

    for reader in (over_a, over_b):
        assert wait_for_end(reader) == "finished"
        assert reader.text == answer.text
    stored = cluster.stored(ann)
    assert (stored["text"], stored["end"], stored["rule"]) == (answer.text, "finished", "finished")


def test_answer_that_ends_while_the_database_is_away_is_settled_afterwards(cluster: Cluster) -> None:
    assert cluster.database
    ann = cluster.person()
    over_a, answer = cluster.ask(ann, "a", "b")
    over_b = cluster.follow(ann, over_a.run, "b", "a")
    wait_for_text(over_b, 200)

    cluster.database.kill()
    answer.is_released = True
    wait_for_text(over_b, len(answer.text))
    cluster.database.start()

    for reader in (over_a, over_b):
        assert wait_for_end(reader) == "finished"
        assert reader.text == answer.text
    assert cluster.stored(ann)["rule"] == "finished"
