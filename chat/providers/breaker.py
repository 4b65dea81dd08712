"""One breaker a provider: after several failures in a row nobody waits for it any more, until a trial gets an answer.

Each process has its own; where one is open it says so in the cache, so that pages of other processes know too.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable

import structlog
from django.core.cache import cache

from chat.providers.base import Failure

log = structlog.get_logger(__name__)

FAILURES = 5  # in a row, within so many seconds:
WITHIN = 30.0
FIRST_PAUSE = 20.0  # seconds; twice as long after each trial that failed
LONGEST_PAUSE = 300.0
# The provider did answer: it is this one request, or this one model, that it would not take.
ANSWERS = frozenset({Failure.REJECTED, Failure.TOO_LARGE, Failure.FILTERED, Failure.MODEL_GONE})
SHARED = "breaker:{}"


class Breaker:
    """Closed: all may try. Open: nobody for a while. Then one trial at a time decides. It touches memory only."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: deque[float] = deque(maxlen=FAILURES)
        self._pause = 0.0  # 0 while closed
        self._opens_at = 0.0  # for the next trial
        self._is_on_trial = False

    @property
    def is_open(self) -> bool:
        return bool(self._pause)

    def allow(self) -> bool:
        """Say whether a run may try now; while open, a yes is the trial, and there is no second one beside it.

        A trial that has not told its outcome after another pause no longer keeps the next one out.
        """
        if not self._pause:
            return True
        if self.seconds_left() > 0:
            return False
        self._opens_at = self._clock() + self._pause
        self._is_on_trial = True
        return True

    def succeeded(self) -> bool:
        """Hear that the provider answered; gives whether that closed the breaker."""
        was_open = bool(self._pause)
        self._failures.clear()
        self._pause = 0.0
        self._is_on_trial = False
        return was_open

    def failed(self, kind: Failure) -> bool:
        """Hear how a run failed before its first event; gives whether that opened, closed or prolonged anything."""
        if kind in ANSWERS:
            return self.succeeded()
        if self._pause:
            return self._fail_the_trial()
        now = self._clock()
        self._failures.append(now)
        if len(self._failures) < FAILURES or now - self._failures[0] > WITHIN:
            return False
        self._open(FIRST_PAUSE)
        return True

    def abandoned(self) -> None:
        """Hear that the trial was stopped before anything was known: the next one may come at once."""
        if self._is_on_trial:
            self._is_on_trial = False
            self._opens_at = self._clock()

    def seconds_left(self) -> float:
        """Give the time until the next trial; 0 when one may come now, or when it is closed."""
        return max(0.0, self._opens_at - self._clock()) if self._pause else 0.0

    def _fail_the_trial(self) -> bool:
        if not self._is_on_trial:  # a run from before it opened: that one is known about
            return False
        self._open(min(self._pause * 2, LONGEST_PAUSE))
        return True

    def _open(self, pause: float) -> None:
        self._failures.clear()
        self._is_on_trial = False
        self._pause = pause
        self._opens_at = self._clock() + pause


_made: dict[str, Breaker] = {}


def of(provider: str) -> Breaker:
    """Give this process's breaker of a provider; use it on the event loop that runs replies."""
    return _made.setdefault(provider, Breaker())


def is_open(provider: str) -> bool:
    """Say, from any thread, whether it makes no sense to ask this provider now. Costs one look into the cache."""
    return bool(pauses([provider]))


def pauses(providers: Iterable[str]) -> dict[str, int]:
    """Give the seconds that each provider should be left alone, at least 1, those that answer left out.

    One look into the cache for all; without the cache, what this process knows.
    """
    names = list(providers)
    known = {name: max(_own_pause(name), told) for name, told in _told_by_others(names).items()}
    return {name: int(left) + 1 for name, left in known.items() if left > 0}


def _own_pause(provider: str) -> float:
    return _made[provider].seconds_left() if provider in _made else 0.0


def _told_by_others(names: list[str]) -> dict[str, float]:
    try:
        found = cache.get_many([SHARED.format(name) for name in names])
    except Exception:
        log.exception("breaker.cache_failed")
        found = {}
    now = time.time()
    return {name: min(found.get(SHARED.format(name), 0) - now, LONGEST_PAUSE) for name in names}


async def share(provider: str) -> None:
    """Tell the other processes how it stands, off the event loop; call it after `succeeded` or `failed` gave True."""
    left = of(provider).seconds_left()
    log.warning("breaker.opened" if left else "breaker.closed", provider=provider, duration_ms=round(left * 1000))
    await asyncio.to_thread(_write, SHARED.format(provider), left)


def _write(key: str, left: float) -> None:
    try:
        if left:
            cache.set(key, time.time() + left, timeout=int(left) + 1)
        else:
            cache.delete(key)
    except Exception:
        log.exception("breaker.cache_failed")


def reset() -> None:
    """Close every breaker of this process and forget what others told (tests do: they make providers fail)."""
    cache.delete_many([SHARED.format(name) for name in _made])
    _made.clear()
