"""What tests of accounts share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache


@pytest.fixture
def development(settings: Any) -> Iterator[None]:
    """A development machine: the local check guards the forms, and nobody has tried anything yet."""
    settings.DEBUG = settings.DEBUG_PROPAGATE_EXCEPTIONS = True  # an error page of development takes a minute to make
    cache.clear()
    yield
    cache.clear()
