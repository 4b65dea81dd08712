"""A visitor's network address is in the sealed sign-up signal and nowhere else, in no form that can be looked up."""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import pickle
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import connections
from django.test import Client

from accounts import signup
from accounts.models import User
from accounts.tests import newcomers
from caicaini.logs import QuietHandler

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("development")]
ADDRESSES = ["203.0.113.77", "2001:db8:77:1:2:3:4:5"]
HASHES = ("md5", "sha1", "sha256", "sha512", "blake2b")


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


def shapes(address: str) -> Iterator[bytes]:
    """Give every form in which the address, or its network, could be found again without a key."""
    binary = ip_address(address)
    texts = [address, binary.exploded, str(int(binary)), address.rsplit("." if "." in address else ":", 1)[0]]
    if ":" in address:
        texts += ["2001:db8:77::", "2001:db8:77:1::", "2001:db8:77::/48", "2001:db8:77:1::/64"]
    else:
        texts += ["203.0.113.0", "203.0.113.0/24"]
    for text in texts:
        yield text.encode()
        for name in HASHES:
            digest = hashlib.new(name, text.encode())
            yield digest.hexdigest()[:16].encode()
            yield digest.digest()[:8]
            yield base64.b64encode(digest.digest())[:12]
    yield binary.packed


def visit(address: str) -> None:
    """Do all that somebody can do at the doors, and look at the chat."""
    client = Client(REMOTE_ADDR=address, headers={**newcomers.FIREFOX, "X-Forwarded-For": address})
    newcomers.sign_up(client)
    newcomers.enter(client, "WRONG-CODE")
    newcomers.enter(client, newcomers.code_for("cat@example.test"))
    assert client.get("/chat/").status_code == 200
    client.post("/account/logout/")
    newcomers.fill_in(client, "/account/login/", login="cat", password="wrong-pass-word")
    newcomers.fill_in(client, "/account/login/", login="cat", password=newcomers.PASSWORD)
    assert client.get("/chat/").status_code == 200
    other = Client(REMOTE_ADDR=address, headers=newcomers.FIREFOX)
    newcomers.fill_in(other, "/account/password/reset/", email="cat@example.test")
    newcomers.sign_up(other, username="dog")  # the address is known
    other.get("/nowhere/")


def rows() -> Iterator[tuple[str, bytes]]:
    for alias in site.DATABASES:
        connection = connections[alias]
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                for row in cursor.fetchall():
                    for value in row:
                        yield f"{alias}.{table}", _bytes(value)
    for session in Session.objects.all():
        yield "session", repr(session.get_decoded()).encode()


def cached() -> Iterator[tuple[str, bytes]]:
    """Give names and values as they are stored, not as the cache's own functions would show them."""
    stored: Any = cache
    if not hasattr(stored, "client"):
        return (("cache", f"{name} {pickle.loads(value)!r}".encode()) for name, value in stored._cache.items())
    redis = stored.client.get_client()
    names = redis.scan_iter(f"{site.CACHES['default']['KEY_PREFIX']}:*")
    return (("cache", name + b" " + repr(stored.client.decode(redis.get(name))).encode()) for name in names)


def queued() -> Iterator[tuple[str, bytes]]:
    for path in site.DATA_DIR.rglob("*"):
        if path.is_file() and "sqlite" not in path.name:
            yield "file", path.read_bytes()


def letters() -> Iterator[tuple[str, bytes]]:
    for letter in mail.outbox:
        yield "mail", letter.message().as_bytes()


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else str(value).encode()


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_found_nowhere(address: str, output: io.StringIO) -> None:
    visit(address)
    assert output.getvalue()
    places = [*rows(), *cached(), *queued(), *letters(), ("logs", output.getvalue().encode())]
    assert any(b"cat@example.test" in value for _place, value in places)  # so it would be found
    wanted = set(shapes(address))
    assert {place for place, value in places for shape in wanted if shape in value} == set()
    shown = signup.shown_to(User.objects.get())
    assert shown
    assert shown.address == address


def test_a_known_hash_would_be_found() -> None:
    address = ADDRESSES[0]
    cache.set(f"seen:{hashlib.sha256(address.encode()).hexdigest()}", 1)
    assert any(shape in value for _place, value in cached() for shape in shapes(address))


def test_the_cache_knows_no_e_mail_address_either() -> None:
    visit(ADDRESSES[0])
    names = [name for _place, name in cached()]
    assert any(b":allauth:" in name for name in names)  # that attempts are counted
    email = b"cat@example.test"
    shapes = [email, *(hashlib.new(name, email).hexdigest()[:16].encode() for name in HASHES)]
    assert [name for name in names if any(shape in name for shape in shapes)] == []


@pytest.mark.parametrize(("proxies", "expected"), [(0, "10.0.0.1"), (1, "203.0.113.77"), (2, "198.51.100.9")])
def test_the_stored_address_is_the_one_behind_the_trusted_proxies(proxies: int, expected: str, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    chain = "192.0.2.66, 198.51.100.9, 203.0.113.77"
    newcomers.sign_up(Client(REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": chain}))
    shown = signup.shown_to(User.objects.get())
    assert shown
    assert shown.address == expected
