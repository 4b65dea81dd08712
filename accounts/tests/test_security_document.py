"""docs/security.md names tests: each of them is there."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

TEXT = (settings.BASE_DIR / "docs" / "security.md").read_text()
NAMED = sorted(set(re.findall(r"`(test_\w+)(?:\.(test_\w+))?`", TEXT)))


def test_the_document_names_many() -> None:
    assert len(NAMED) > 30


@pytest.mark.parametrize(("module", "test"), NAMED, ids=[".".join(filter(None, pair)) for pair in NAMED])
def test_a_named_test_exists(module: str, test: str) -> None:
    files = list(settings.BASE_DIR.glob(f"[a-z]*/tests/**/{module}.py"))
    assert files
    assert not test or any(re.search(rf"def {test}\b", file.read_text()) for file in files)
