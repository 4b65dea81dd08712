"""A long soak, run by hand: `python -m bench.soak --minutes 30`. Memory must be flat and no run may be stuck."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median

from bench import relays
from bench.__main__ import loaded
from bench.helpers import Helper
from bench.measures import STEADY, Stage
from bench.plans import SHORT
from bench.usage import resident_kib
from tools import services
from tools.refusal import speak

STREAMS = 50
ROUND = 20.0  # seconds
BEGINNING = 8.0  # seconds that the streams may take to begin
WARM = 5.0  # minutes after which memory counts
FLAT = 0.05
END_WITHIN = 60.0  # seconds


def main() -> int:
    """Give 1 when memory grew by more than 5 % or a run, a hold or a difference in the books is left."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--server", choices=("daphne", "uvicorn"), default="daphne")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="caicaini-soak-") as place, services.running() as urls:
        folder = Path(place)
        log = folder / "soak.log"
        with loaded(log) as (upstream, client):
            environment = relays.site_environment(folder, urls, upstream)
            with relays.clerk(environment, log) as clerk, relays.product(environment, chosen.server, log) as product:
                cookies = tuple(clerk.ask("people", count=STREAMS))
                stage = Stage(client, {"product": product.of(cookies)}, SHORT, _say, [])
                readings = _soak(stage, product.pid, chosen.minutes)
                return _judge(readings, chosen.minutes, _left(clerk))


def _soak(stage: Stage, pid: int, minutes: float) -> list[tuple[float, int]]:
    """Hold streams again and again; gives minutes and KiB after each round."""
    began, readings = time.monotonic(), list[tuple[float, int]]()
    steady = replace(STEADY, tokens=int((ROUND + BEGINNING) * 1e6 / STEADY.interval_us))
    while (passed := (time.monotonic() - began) / 60) < minutes:
        reading = stage.ask("relay", steady, streams=STREAMS, window=ROUND, is_html=False)
        kib = resident_kib(pid)
        readings.append((passed, kib))
        _say(f"{passed:5.1f} min  {kib:>8,} KiB  {reading['tokens']} tokens  p99 {reading['p99_ms']:.1f} ms")
    return readings


def _left(clerk: Helper) -> dict[str, int]:
    deadline = time.monotonic() + END_WITHIN
    while True:
        left: dict[str, int] = clerk.ask("left")
        if not any(left.values()) or time.monotonic() > deadline:
            return left
        time.sleep(1)


def _judge(readings: list[tuple[float, int]], minutes: float, left: dict[str, int]) -> int:
    counted = [kib for passed, kib in readings if passed >= min(WARM, minutes / 3)]
    fifth = max(len(counted) // 5, 1)
    first, last = median(counted[:fifth]), median(counted[-fifth:])
    growth = last / first - 1
    _say(f"memory {first:,.0f} KiB, then {last:,.0f} KiB: {growth:+.1%}; left: {left}")
    return int(growth > FLAT or any(left.values()))


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    with closing(sys.stdout):
        sys.exit(speak(main))
