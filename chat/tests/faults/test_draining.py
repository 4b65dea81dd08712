"""SIGTERM under load: what ends in time ends well, the rest keeps its text, and everybody reads on elsewhere."""

from __future__ import annotations

import time

import pytest

from chat.tests.faults.cluster import GRACE, Cluster, eventually, wait_for_end, wait_for_text
from chat.tests.faults.provider import Answer
from chat.tests.faults.reader import Reader

pytestmark = pytest.mark.services
RUNS = 20
RESTARTING, UVICORN_S_OWN = 4503, 1012  # uvicorn closes every socket itself before it tells the application to end


@pytest.mark.parametrize(("name", "codes"), [("a", {RESTARTING}), ("u", {RESTARTING, UVICORN_S_OWN})])
def test_process_under_load_ends_without_losing_a_word(
    cluster: Cluster, name: str, codes: set[int], report: list[str]
) -> None:
    cluster.need(name)
    port = cluster.web[name].port
    people = [cluster.person() for _ in range(RUNS)]
    pairs: list[tuple[Reader, Answer]] = [cluster.ask(person, name, "b") for person in people]
    for reader, _answer in pairs:
        wait_for_text(reader, 100)

    asked_at = time.monotonic()
    cluster.web[name].ask_to_end()
    for _reader, answer in pairs[: RUNS // 2]:
        answer.is_released = True
    newcomer = cluster.provider.answer()
    late = cluster.reader(cluster.person(), name, "b")
    late.ask(newcomer.question("words"))
    ends = [wait_for_end(reader) for reader, _answer in pairs]
    assert cluster.web[name].wait(30) == 0
    report.append(f"{name} ended {time.monotonic() - asked_at:.1f} s after the signal, of which {GRACE} s are grace")

    assert ends == ["finished"] * (RUNS // 2) + ["interrupted"] * (RUNS // 2)
    for person, (reader, answer) in zip(people, pairs, strict=True):
        stored = cluster.stored(person)
        assert reader.text == stored["text"]
        assert answer.text.startswith(reader.text)
        assert reader.text.startswith(reader.text_before(asked_at))
    assert all(reader.text == answer.text for reader, answer in pairs[: RUNS // 2])
    seen = {code for reader, _answer in pairs for at, code in reader.closes if at == port and code != 1000}
    report.append(f"close codes {sorted(map(str, seen))}")
    assert seen <= codes
    newcomer.is_released = True
    assert wait_for_end(late) == "finished"
    assert late.text == newcomer.text
    assert not any(at == port and code not in codes for at, code in late.closes)


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
