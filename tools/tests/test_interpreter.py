"""The Python at hand is judged before anything is made."""

from __future__ import annotations

import sys

import pytest

from tools import interpreter
from tools.refusal import Refusal


def test_this_python_will_do() -> None:
    interpreter.check()


def test_an_old_python_is_named() -> None:
    with pytest.raises(Refusal, match=r"Python 3\.11 or newer is needed; this is 3\.9"):
        interpreter.check((3, 9))


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_missing_venv_package_is_said_with_its_command(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # what the import system takes for "not there"
    with pytest.raises(Refusal, match="apt-get install python3-venv"):
        interpreter.check()
