"""What a process has used, asked from outside: processor time to the nanosecond, memory in KiB."""

from __future__ import annotations

import os
import time
from pathlib import Path

PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024


def cpu_seconds(pid: int) -> float:
    """Give user and system time of all its threads, ended ones included; 0 for no process.

    The number of a process's own clock is derived from its id as `clock_getcpuclockid` derives it on Linux.
    """
    return time.clock_gettime((~pid << 3) | 2) if pid else 0.0


def resident_kib(pid: int) -> int:
    """Give the memory that lies in RAM."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE_KIB
