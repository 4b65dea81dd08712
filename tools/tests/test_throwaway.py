"""Environments that nobody keeps, and the list of variables they are cleaned by."""

from __future__ import annotations

import re
from pathlib import Path

from tools import throwaway
from tools.places import ROOT

READS = re.compile(r'(?:env\.\w+|required|database)\("([A-Z][A-Z0-9_]*)"')


def test_every_variable_that_the_settings_read_is_explained() -> None:
    read = set(READS.findall((ROOT / "caicaini" / "settings.py").read_text(encoding="utf-8")))
    assert len(read) > 15
    assert read <= throwaway.documented_names()


def test_nothing_of_the_callers_settings_gets_through() -> None:
    inherited = {"ANTHROPIC_API_KEY": "secret", "DATABASE_URL": "mysql://production", "PATH": "/bin"}
    fresh = throwaway.environment(Path("/somewhere"), inherited)
    assert fresh["PATH"] == "/bin"
    assert "ANTHROPIC_API_KEY" not in fresh
    assert "DATABASE_URL" not in fresh
    assert fresh["CAICAINI_ENV_FILE"] == "/dev/null"


def test_a_password_can_be_read_aloud() -> None:
    assert re.fullmatch(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", throwaway.password())
