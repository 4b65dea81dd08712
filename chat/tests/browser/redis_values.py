"""Reads all that a Redis database holds, whatever its type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from redis import Redis


def values_in_redis(url: str) -> dict[str, bytes]:
    """Give each key's name with its whole value as bytes."""
    with Redis.from_url(url) as client:
        return {key.decode(errors="replace"): _value(client, key) for key in client.scan_iter()}


def _value(client: Redis, key: bytes) -> bytes:
    readers: dict[object, Callable[[bytes], Any]] = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"set": client.smembers,
        b"list": lambda name: client.lrange(name, 0, -1),
        b"zset": lambda name: client.zrange(name, 0, -1),
        b"stream": client.xrange,
    }
    found = readers[client.type(key)](key)
    return found if isinstance(found, bytes) else repr(found).encode()
