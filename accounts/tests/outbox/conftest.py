"""A mail server, and the log as it is written."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.tests.outbox import standin
from accounts.tests.outbox.standin import MailServer
from caicaini.logs import QuietHandler


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with standin.running(settings) as running:
        yield running


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    """Give what the configured handler writes, with nothing held back for its level."""
    root = logging.getLogger()
    (handler,) = [found for found in root.handlers if isinstance(found, QuietHandler)]
    written = io.StringIO()
    before, level = handler.setStream(written), root.level
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(level)
    assert before is not None
    handler.setStream(before)
