"""SIGTERM under load: what ends in time ends well, the rest keeps its text, and everybody reads on elsewhere."""

from __future__ import annotations

import signal
import time

import pytest

from chat.tests.faults.cluster import GRACE, Cluster, eventually, wait_for_end, wait_for_text
from chat.tests.faults.provider import Answer
from chat.tests.faults.reader import Reader

pytestmark = pytest.mark.services
RUNS = 20
GONE = {0, -signal.SIGTERM}  # uvicorn ends by the signal that it was given
RESTARTING, UVICORN_S_OWN = 4503, 1012  # uvicorn closes every socket itself before it tells the application to end


@pytest.mark.parametrize(("name", "codes"), [("a", {RESTARTING}), ("u", {RESTARTING, UVICORN_S_OWN})])
def test_process_under_load_ends_without_losing_a_word(
    cluster: Cluster, name: str, codes: set[int], report: list[str]
) -> None:
    cluster.need(name)
    server = cluster.web[name]
    people = [cluster.person() for _ in range(RUNS)]
    pairs: list[tuple[Reader, Answer]] = [cluster.ask(person, name, "b") for person in people]
    host = cluster.person("host")
    by_b, long_answer = cluster.ask(host, "b")
    guest = cluster.follow(host, by_b.run, name, "b")
    for reader in [guest, *(reader for reader, _answer in pairs)]:
        wait_for_text(reader, 100)

    asked_at = time.monotonic()
    server.ask_to_end()
    for _reader, answer in pairs[: RUNS // 2]:
        answer.is_released = True
    late_answer, late = cluster.provider.answer(), cluster.reader(cluster.person("late"), name, "b")
    late.ask(late_answer.question("words"))
    ends = [wait_for_end(reader) for reader, _answer in pairs]
    assert server.wait(30) in GONE
    report.append(f"{name} ended {time.monotonic() - asked_at:.1f} s after the signal, of which {GRACE} s are grace")

    assert ends == ["finished"] * (RUNS // 2) + ["interrupted"] * (RUNS // 2)
    for person, (reader, answer) in zip(people, pairs, strict=True):
        assert reader.text == cluster.stored(person)["text"]
        assert answer.text.startswith(reader.text)
        assert reader.text.startswith(reader.text_before(asked_at))
    assert all(reader.text == answer.text for reader, answer in pairs[: RUNS // 2])
    wait_for_text(guest, len(guest.text) + 100)
    late_answer.is_released = long_answer.is_released = True
    assert wait_for_end(late) == wait_for_end(guest) == "finished"
    assert (late.text, guest.text) == (late_answer.text, long_answer.text)
    seen = [code for reader in cluster.readers for _port, code in reader.closes]
    report.append(f"close codes {sorted(map(str, set(seen)))}")
    assert guest.closes
    assert set(seen) <= codes


def test_socket_that_reads_nothing_is_sent_elsewhere_at_once(cluster: Cluster) -> None:
    ann = cluster.person()
    writer, answer = cluster.ask(ann, "a", "b")
    wait_for_text(writer, 50)
    idle = cluster.follow(ann, writer.run, "a", "b")
    wait_for_text(idle, 50)
    idle.say("unfollow", run=writer.run)
    cluster.web["a"].ask_to_end()
    eventually(lambda: (cluster.web["a"].port, RESTARTING) in idle.closes, "it was sent elsewhere", GRACE)
    answer.is_released = True
    assert wait_for_end(writer) == wait_for_end(idle) == "finished"
    assert writer.text == idle.text == answer.text
    assert cluster.web["a"].wait(30) == 0
