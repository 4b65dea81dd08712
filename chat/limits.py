"""How much one person may ask for at once and in a minute; both refuse with nothing written and nothing billed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog
from django.conf import settings
from django.core.cache import cache

from accounts import standing
from accounts.models import User
from billing import holds
from chat import errors

log = structlog.get_logger(__name__)

MINUTE = 60
KEEP_FOR = 2 * MINUTE  # seconds; the key names its minute, so the next minute starts with another one
MOST_MESSAGES = 2_000  # of a conversation: all are decrypted with each turn, 100,000 characters each at worst


def require_room_for_a_run(account_id: int) -> None:
    """Refuse when more runs than allowed have a hold, the one just placed included.

    Call it in the transaction that placed the hold, which keeps the account's row locked: one person's sends pass here
    one after the other, whichever process they come from, and each sees the holds of those before it.
    """
    most = settings.MOST_RUNS_AT_ONCE
    if holds.open_count(account_id) > most:
        raise errors.too_many_runs(most)


def require_room_for_a_turn(messages: int) -> None:
    """Refuse to make a conversation longer than what can be read for every turn."""
    if messages >= MOST_MESSAGES:
        raise errors.conversation_full()


@contextmanager
def counted_send(user: User, now: datetime) -> Iterator[None]:
    """Count one send of this minute, unless what follows raises: what was refused does not count.

    Raises `too_many_sends`. Without the cache nobody is limited: talking matters more than counting.
    """
    second = int(now.timestamp())
    key = f"sends:{user.uuid}:{second // MINUTE}"
    most = standing.sends_per_minute(user, settings.SENDS_PER_MINUTE, now)
    count = _add(key, 1)
    try:
        if count > most:
            raise errors.too_many_sends(most, MINUTE - second % MINUTE)
        yield
    except BaseException:
        if count:
            _add(key, -1)
        raise


def _add(key: str, step: int) -> int:
    """Change a counter atomically and give its value; 0 when there is no counting now."""
    try:
        cache.add(key, 0, timeout=KEEP_FOR)
        return cache.incr(key, step)
    except ValueError:  # it was evicted between the two
        return 0
    except Exception:
        log.exception("limits.cache_failed")
        return 0
