"""What the command line asks for."""

from __future__ import annotations

import pytest

from bench.__main__ import options


@pytest.mark.parametrize(("said", "plan"), [([], "full"), (["--short"], "short"), (["--plan", "tiny"], "tiny")])
def test_it_is_full_unless_something_else_is_said(said: list[str], plan: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["bench", *said])
    assert options().plan == plan
