"""The private servers: they answer, they are as production wants them, and they are gone afterwards."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tools import ports, services
from tools.refusal import Refusal

needs_binaries = pytest.mark.skipif(bool(services.missing()), reason=f"not installed: {services.missing()}")


@needs_binaries
def test_the_servers_answer_while_needed_and_not_after() -> None:
    with services.running() as urls:
        addresses = {urlsplit(url).port or 0 for url in urls.values()}
        assert set(urls) == {"DATABASE_URL", "VAULT_DATABASE_URL", "REDIS_URL"}
        assert all(ports.answers(port) for port in addresses)
        assert _redis_says(urlsplit(urls["REDIS_URL"]).port or 0, b"PING") == b"+PONG\r\n"
    assert not any(ports.answers(port) for port in addresses)


@needs_binaries
def test_an_interruption_stops_the_servers_too() -> None:
    servers = services.running()
    addresses = {urlsplit(url).port or 0 for url in servers.__enter__().values()}
    assert all(ports.answers(port) for port in addresses)
    assert not servers.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert not any(ports.answers(port) for port in addresses)


KEPT = {"ibdata1", "mysql"}  # made before the first start; other files come when the server likes


@needs_binaries
def test_a_killed_server_starts_again_on_its_port_and_its_data(tmp_path: Path) -> None:
    server, urls = services.mariadb(tmp_path, services.SURVIVES_A_KILL)
    with server:
        kept = {path.name: path.stat().st_ino for path in (tmp_path / "mariadb").iterdir() if path.name in KEPT}
        assert set(kept) == KEPT
        server.kill()
        assert not ports.answers(server.port)
        server.start()
        assert kept == {name: (tmp_path / "mariadb" / name).stat().st_ino for name in KEPT}
        assert {urlsplit(url).port for url in urls.values()} == {server.port}
    assert not server.is_running


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "SEARCH_PATH", "/nowhere")
    assert services.missing() == list(services.BINARIES)
    with pytest.raises(Refusal, match="mariadb-install-db is not installed"), services.running():
        pass


def _redis_says(port: int, command: bytes) -> bytes:
    with socket.create_connection((ports.HOST, port), timeout=5) as connection:
        connection.sendall(command + b"\r\n")
        return connection.recv(64)
