"""The port that was asked for."""

from __future__ import annotations

import socket

import pytest

from tools import ports
from tools.refusal import Refusal


def test_a_free_port_is_given_back() -> None:
    port = ports.any_free()
    assert ports.must_be_free(str(port)) == port


def test_a_busy_port_is_refused_in_one_line() -> None:
    with socket.create_server((ports.HOST, 0)) as server:
        port = server.getsockname()[1]
        assert ports.answers(port)
        with pytest.raises(Refusal, match=f"Port {port} on 127.0.0.1 is in use. Stop what runs there, or: make run"):
            ports.must_be_free(str(port))
    assert not ports.answers(port)


@pytest.mark.parametrize("value", ["", "http", "0", "65536", "-1", "८०००", "80.0"])
def test_what_is_no_port_is_refused(value: str) -> None:
    with pytest.raises(Refusal, match="PORT must be a number"):
        ports.must_be_free(value)
