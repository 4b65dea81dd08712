"""The provider breaks in the middle of an answer that somebody reads over another process."""

from __future__ import annotations

import pytest

from chat.tests.faults.cluster import Cluster, wait_for_end, wait_for_text

pytestmark = pytest.mark.services


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("words-drop", "provider_broken_stream"),
        ("words-half-a-character", "provider_broken_stream"),
        ("words-error", "provider_busy"),
    ],
)
def test_failing_midway_keeps_every_word_for_everybody(cluster: Cluster, scenario: str, code: str) -> None:
    ann = cluster.person()
    over_a, answer = cluster.ask(ann, "a", scenario=scenario)
    over_b = cluster.follow(ann, over_a.run, "b")
    wait_for_text(over_b, 100)
    answer.is_released = True

    for reader in (over_a, over_b):
        assert wait_for_end(reader) == "failed"
        assert reader.ended
        assert reader.ended["error"]["code"] == code
        assert reader.text == answer.text
    stored = cluster.stored(ann)
    assert (stored["text"], stored["rule"], stored["error"]) == (answer.text, "failed_midway", code)


def test_provider_that_falls_silent_is_left_by_a_stop_from_elsewhere(cluster: Cluster) -> None:
    ann = cluster.person()
    over_a, answer = cluster.ask(ann, "a", scenario="words-hang")
    over_b = cluster.follow(ann, over_a.run, "b")
    wait_for_text(over_b, 100)
    answer.is_released = True
    wait_for_text(over_b, len(answer.text))
    over_b.say("stop", id="stop", run=over_b.run)

    for reader in (over_a, over_b):
        assert wait_for_end(reader) == "stopped"
        assert reader.text == answer.text
