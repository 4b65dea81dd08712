"""The whole way under another server: uvicorn, which speaks the lifespan protocol."""

from __future__ import annotations

from urllib.request import Request, urlopen

import pytest

from chat.tests.faults.cluster import Cluster, wait_for_end, wait_for_text
from tools.ports import HOST

pytestmark = pytest.mark.services


def test_send_follow_stop_and_reload(cluster: Cluster) -> None:
    cluster.need("u")
    ann = cluster.person()
    over_u, answer = cluster.ask(ann, "u")
    elsewhere = cluster.follow(ann, over_u.run, "b")
    wait_for_text(elsewhere, 100)
    over_u.break_line()
    wait_for_text(over_u, len(over_u.text) + 100)
    assert over_u.opened == 2

    over_u.say("stop", id="stop", run=over_u.run)
    assert wait_for_end(over_u) == wait_for_end(elsewhere) == "stopped"
    stored = cluster.stored(ann)
    assert over_u.text == elsewhere.text == stored["text"]
    assert answer.text.startswith(stored["text"])

    again = cluster.follow(ann, over_u.run, "u")
    assert wait_for_end(again) == "stopped"
    assert again.text == stored["text"]
    page = f"http://{HOST}:{cluster.web['u'].port}/chat/{over_u.conversation}/"
    with urlopen(
        Request(page, headers={"Cookie": "; ".join(f"{name}={value}" for name, value in ann.cookies.items())})
    ) as response:
        assert stored["text"].strip() in response.read().decode()


def test_finishing_over_both_servers(cluster: Cluster) -> None:
    cluster.need("u")
    ann = cluster.person()
    over_b, answer = cluster.ask(ann, "b")
    over_u = cluster.follow(ann, over_b.run, "u")
    wait_for_text(over_u, 100)
    answer.is_released = True
    assert wait_for_end(over_b) == wait_for_end(over_u) == "finished"
    assert over_b.text == over_u.text == answer.text
