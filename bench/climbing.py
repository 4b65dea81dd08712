"""Searches for the most streams that a relay carries: up by a factor, then halving what lies between good and bad."""

from __future__ import annotations

from bench.plans import Climb

CLOSE_ENOUGH = 0.08  # of the best rung


class Climber:
    """Ask `rung` for the next number to try, tell the outcome with `note`; a rung that failed once is tried again."""

    def __init__(self, climb: Climb) -> None:
        self._climb = climb
        self._steps = climb.steps
        self._failures = 0
        self.best = 0
        self._worst: int | None = None
        self.rung = climb.start

    @property
    def is_done(self) -> bool:
        if self._steps <= 0 or self.best >= self._climb.limit:
            return True
        return self._worst is not None and self._worst - self.best <= max(1, self.best * CLOSE_ENOUGH)

    @property
    def is_open_ended(self) -> bool:
        """Whether nothing failed: more may be possible."""
        return self._worst is None

    def note(self, is_good: bool) -> None:
        """Take the outcome of the rung and choose the next one."""
        self._steps -= 1
        if is_good:
            self.best, self._failures = self.rung, 0
        elif not self._failures:
            self._failures = 1  # noise on the machine fails a rung now and then
            return
        else:
            self._worst, self._failures = self.rung, 0
        self.rung = self._next()

    def _next(self) -> int:
        if self._worst is None:
            return min(int(self.best * self._climb.factor), self._climb.limit)
        return (self.best + self._worst) // 2
