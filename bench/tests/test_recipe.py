"""The mark that carries a recipe through a relay and back to the upstream."""

from __future__ import annotations

import json

from bench.recipe import Recipe, recipe_of


def test_a_mark_survives_the_request_body() -> None:
    wanted = Recipe(tokens=7, first_us=20_000, interval_us=0, burst=16, size=1_200, prose=1)
    body = json.dumps({"messages": [{"role": "user", "content": f"Hello. {wanted.mark()}"}], "stream": True})
    assert recipe_of(body.encode()) == wanted


def test_the_newest_turn_wins() -> None:
    body = Recipe(tokens=1).mark() + "an answer" + Recipe(tokens=2).mark()
    assert recipe_of(body.encode()).tokens == 2


def test_without_a_mark_the_defaults_hold() -> None:
    assert recipe_of(b'{"messages": []}') == Recipe()
    assert recipe_of(b"[[bench ") == Recipe()
