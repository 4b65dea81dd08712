"""The run log on Redis Streams: what it is called, how long it stays, and what the worker does with it.

`run:{uuid}` holds the entries of one run; the id of an entry is the number of its last piece. `bus` is read by every
web process: stop this run, tell this person's sockets. Nothing here is needed for good: the database knows it all.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, cast
from uuid import UUID

import redis
import redis.asyncio
import structlog
from django.conf import settings

from caicaini.crypto import UnreadableError
from chat.content import ContentKey
from chat.replay import entries
from chat.runlog import RunLog

log = structlog.get_logger(__name__)
RUNNING_FOR = 3_600  # seconds that a stream stays after its last sign of life
ENDED_FOR = 120  # seconds that it stays after its end: whoever comes later reads the database
PATIENCE = 2.0  # seconds for an answer
ENTRY, END = b"e", b"end"
BUS = "bus"
BUS_LENGTH = 10_000  # messages: seconds of them at the utmost, and who is so far behind asks the database
STOP, NOTICE, SENDER = b"stop", b"notice", b"from"

Entries = list[tuple[bytes, dict[bytes, bytes]]]  # what redis-py gives, whose own types allow for everything


def is_used() -> bool:
    """Whether this deployment has Redis."""
    return bool(settings.REDIS_URL)


def name_of(run: UUID) -> str:
    """Name the stream of a run."""
    return f"run:{run}"


def seq_of(entry_id: bytes) -> int:
    """Read the number of an entry's last piece from its id."""
    return int(entry_id.partition(b"-")[0])


def client() -> redis.asyncio.Redis:
    """Open a client; its connections belong to the running loop.

    Whoever uses it limits its patience: a time limit of redis-py's own costs with every single answer, and now and
    then swallows a cancellation.
    """
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL, protocol=2, socket_timeout=None, socket_connect_timeout=PATIENCE, socket_keepalive=True
    )


@cache
def _blocking(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, protocol=2, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)


def catch_up(into: RunLog, run: UUID, key: ContentKey) -> None:
    """Add to a log what the stream of a run has beyond it; nothing when there is no Redis or it is away. Blocks."""
    if not is_used():
        return
    try:
        found = cast(Entries, _blocking(settings.REDIS_URL).xrange(name_of(run)))
        for entry_id, fields in found:
            if ENTRY in fields and not entries.take(into, key, run, seq_of(entry_id), fields[ENTRY]):
                return
    except (redis.RedisError, OSError, UnreadableError) as error:
        log.warning("streams.not_read", run=str(run), exc_info=error)


def close(run: UUID, seq: int) -> None:
    """Tell who follows a run elsewhere that it has ended. Blocks; see `catch_up`."""
    if not is_used():
        return
    try:
        pipe = _blocking(settings.REDIS_URL).pipeline(transaction=False)
        pipe.xadd(name_of(run), {END: b"1"}, id=f"{seq}-1")
        pipe.expire(name_of(run), ENDED_FOR)
        pipe.execute(raise_on_error=False)
    except (redis.RedisError, OSError) as error:
        log.warning("streams.not_closed", run=str(run), exc_info=error)


def queue_posts(pipe: Any, messages: Iterable[dict[bytes, bytes]]) -> None:
    """Put messages for the bus into a pipeline."""
    for message in messages:
        pipe.xadd(BUS, message, maxlen=BUS_LENGTH)
    pipe.expire(BUS, RUNNING_FOR)


def post(message: dict[bytes, bytes]) -> None:
    """Tell every web process something. Blocks; see `catch_up`."""
    if not is_used():
        return
    try:
        pipe = _blocking(settings.REDIS_URL).pipeline(transaction=False)
        queue_posts(pipe, [message])
        pipe.execute()
    except (redis.RedisError, OSError) as error:
        log.warning("streams.not_posted", exc_info=error)


def forget(runs: Iterable[UUID]) -> None:
    """Delete the streams of runs whose conversation is purged; one that is out of reach ends by its time to live."""
    names = [name_of(run) for run in runs]
    if not is_used() or not names:
        return
    try:
        _blocking(settings.REDIS_URL).delete(*names)
    except (redis.RedisError, OSError) as error:
        log.warning("streams.not_deleted", count=len(names), exc_info=error)
