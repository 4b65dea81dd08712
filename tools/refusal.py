"""How a tool says no: one line on standard error and exit code 1, never a traceback for what a person can mend."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from types import FrameType


class Refusal(Exception):
    """Something outside the code is not as it must be; the text says what, and what to do about it."""


def speak(main: Callable[[], int]) -> int:
    """Run a tool and give its exit code; SIGTERM unwinds like Ctrl-C: `finally` blocks stop what was started."""
    signal.signal(signal.SIGTERM, _unwind)
    try:
        return main()
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


def _unwind(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(143)
