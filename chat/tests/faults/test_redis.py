"""Redis goes away amid an answer and comes back empty: for a moment, and for seconds."""

from __future__ import annotations

import time

import pytest
import redis

from chat.tests.faults.cluster import Cluster, eventually, wait_for_end, wait_for_text

pytestmark = pytest.mark.services
AWAY = 5.0  # seconds


def entries_of(cluster: Cluster, run: str) -> int:
    """Count what the Stream of a run holds; 0 as well while Redis is away."""
    with redis.Redis.from_url(cluster.environment["REDIS_URL"], protocol=2) as client:
        try:
            return int(client.xlen(f"run:{run}"))
        except redis.ConnectionError:
            return 0


@pytest.mark.parametrize("seconds", [0.0, AWAY])
def test_restarted_redis_is_filled_again_and_no_reader_misses_a_word(
    cluster: Cluster, seconds: float, report: list[str]
) -> None:
    assert cluster.cache
    ann = cluster.person()
    over_a, answer = cluster.ask(ann, "a", "b")
    over_b = cluster.follow(ann, over_a.run, "b", "a")
    wait_for_text(over_b, 200)

    cluster.cache.kill()
    killed_at = time.monotonic()
    eventually(lambda: time.monotonic() - killed_at >= seconds, "Redis was away for as long as it should")
    cluster.cache.start()
    back_at = time.monotonic()
    known = len(over_b.text)
    eventually(lambda: entries_of(cluster, over_a.run) > 3, "the Stream is refilled")
    report.append(f"the Stream was refilled {time.monotonic() - back_at:.1f} s after Redis was back")
    wait_for_text(over_b, known + 300)
    late = cluster.follow(ann, over_a.run, "b")
    wait_for_text(late, known + 300)
    answer.is_released = True

    for reader in (over_a, over_b, late):
        assert wait_for_end(reader) == "finished"
        assert reader.text == answer.text
    assert cluster.stored(ann)["text"] == answer.text
    assert (over_a.closes, over_b.closes) == ([], [])  # who reads notices nothing


def test_answer_that_ends_while_redis_is_away_is_read_to_its_end_everywhere(cluster: Cluster) -> None:
    assert cluster.cache
    ann = cluster.person()
    over_a, answer = cluster.ask(ann, "a", "b")
    over_b = cluster.follow(ann, over_a.run, "b")
    wait_for_text(over_b, 200)

    cluster.cache.kill()
    known = len(over_a.text)
    wait_for_text(over_a, known + 100)
    answer.is_released = True
    eventually(lambda: cluster.stored(ann)["state"] == "ended", "the run is stored as ended without Redis")
    cluster.cache.start()

    for reader in (over_a, over_b):
        assert wait_for_end(reader) == "finished"
        assert reader.text == answer.text


def test_tab_without_redis_can_be_opened_and_hears_notices_again_afterwards(cluster: Cluster) -> None:
    assert cluster.cache
    ann = cluster.person()
    early, first = cluster.ask(ann, "a")
    wait_for_text(early, 50)
    cluster.cache.kill()
    heard = early.balances
    late = cluster.follow(ann, early.run, "a")  # opened while Redis is away
    wait_for_text(late, 100)
    cluster.cache.start()
    eventually(lambda: early.balances > heard and late.balances, "asked for what the notices would have said")

    heard, heard_late = early.balances, late.balances
    elsewhere, second = cluster.ask(ann, "b")  # a notice from another process
    eventually(lambda: early.balances > heard and late.balances > heard_late, "heard of it")
    first.is_released = second.is_released = True
    assert wait_for_end(early) == wait_for_end(late) == wait_for_end(elsewhere) == "finished"
    assert early.opened == late.opened == 1
