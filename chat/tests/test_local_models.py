"""Local models: their server's list becomes the catalogue's, free of charge."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.utils import timezone

from billing import prices
from chat import local_models
from chat.models import CatalogueModel

pytestmark = pytest.mark.django_db


@pytest.fixture
def local_server() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"data": [{"id": "llama3.2:1b"}, {"id": "qwen/qwen3"}]}).encode())

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


def test_models_of_the_server_are_offered_once_and_free(local_server: str, settings: Any) -> None:
    settings.LOCAL_MODELS_BASE_URL = local_server
    assert local_models.discover(timezone.now()) == 2
    assert local_models.discover(timezone.now()) == 0
    row = CatalogueModel.objects.get(slug="local-llama3-2-1b")
    assert row.vendor_model == "llama3.2:1b"
    assert prices.current(row.slug, timezone.now()).worst(1_000, 1_000) == 0


def test_absent_server_adds_nothing_and_does_not_stop_the_set_up(settings: Any) -> None:
    settings.LOCAL_MODELS_BASE_URL = "http://127.0.0.1:9/v1"
    assert local_models.discover(timezone.now()) == 0


def test_without_the_variable_nobody_is_asked() -> None:
    assert local_models.discover(timezone.now()) == 0
