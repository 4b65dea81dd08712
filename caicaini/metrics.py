"""What this process counts about itself, for Prometheus: how fast, how many, how it ended; never who.

Labels come from `LABELS` and take few values. Counting costs about a microsecond: count a batch of pieces, not each.
Every web process has its own numbers; what the worker does is not in them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from django.db import Error as DatabaseError
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric

LABELS = frozenset({"provider", "model", "end", "rule", "kind", "task"})  # `job` is Prometheus' own
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
LAG_EVERY = 0.05  # seconds between two looks at the event loop: a longer blockade cannot hide between them
LAG_WINDOW = 60.0  # seconds that the longest lag is shown for, at least; at most twice as long

disable_created_metrics()  # type: ignore[no-untyped-call]  # else a second series for each counter
REGISTRY = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=REGISTRY)  # memory, file descriptors, processor time, start time

_first_token = Histogram(
    "caicaini_first_token_seconds",
    "From the start of a run to the first piece of its reply.",
    ["provider", "model"],
    buckets=(0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 13, 20, 30, 60),
    registry=REGISTRY,
)
_added_latency = Histogram(
    "caicaini_added_latency_seconds",
    "From the arrival of a piece at this process to its handing over to a socket.",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
    registry=REGISTRY,
)
_pieces = Counter("caicaini_pieces", "Pieces of replies taken from providers.", registry=REGISTRY)
_tokens = Counter("caicaini_tokens", "Tokens billed, by class.", ["kind"], registry=REGISTRY)
_runs_ended = Counter(
    "caicaini_runs_ended",
    "Runs that ended, by end and by the row of the failure policy.",
    ["end", "rule", "provider"],
    registry=REGISTRY,
)
_house_loss = Counter(
    "caicaini_house_loss_microcredits", "Cost of runs beyond what they had held, which nobody pays.", registry=REGISTRY
)
_sockets_open = Gauge("caicaini_sockets_open", "Open websockets.", registry=REGISTRY)
runs_running = Gauge("caicaini_runs_running", "Runs that this process writes.", registry=REGISTRY)
runs_queued = Gauge("caicaini_runs_queued", "Runs that wait for a place at a provider.", registry=REGISTRY)
_loop_lag = Histogram(
    "caicaini_loop_lag_seconds",
    "How much later than asked the event loop woke a sleeper.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
    registry=REGISTRY,
)
_loop_lag_max = Gauge(
    "caicaini_loop_lag_max_seconds", "The longest such delay within the last one to two minutes.", registry=REGISTRY
)


def first_token(provider: str, model: str, seconds: float) -> None:
    """Note how long a run's first piece took; `model` is the catalogue's slug."""
    _first_token.labels(provider, model).observe(seconds)


def added_latency(seconds: float) -> None:
    """Note how long a piece was in this process; for one piece of a batch, the oldest."""
    _added_latency.observe(seconds)


def pieces(count: int) -> None:
    """Count pieces taken from a provider."""
    _pieces.inc(count)


def tokens_billed(**counts: int) -> None:
    """Count the tokens of a settled run by class: input, cached, cache_write, output."""
    for kind, count in counts.items():
        if count:
            _tokens.labels(kind).inc(count)


def run_ended(end: str, rule: str, provider: str) -> None:
    """Count a run that this process brought to its end."""
    _runs_ended.labels(end, rule, provider).inc()


def house_loss(microcredits: int) -> None:
    """Count what a run cost beyond its hold."""
    _house_loss.inc(microcredits)


def socket_opened() -> None:
    _sockets_open.inc()


def socket_closed() -> None:
    _sockets_open.dec()


class LoopLag:
    """Keeps the distribution of delays, and the longest of the running minute and the one before."""

    def __init__(self, now: float) -> None:
        self._turned_at = now
        self._longest = self._longest_before = 0.0

    def note(self, lag: float, now: float) -> None:
        """Take one delay, in seconds."""
        if now - self._turned_at >= LAG_WINDOW:
            self._turned_at, self._longest_before, self._longest = now, self._longest, 0.0
        self._longest = max(self._longest, lag)
        _loop_lag.observe(lag)
        _loop_lag_max.set(max(self._longest, self._longest_before))


async def _watch_loop() -> None:
    lag = LoopLag(time.monotonic())
    while True:
        asked = time.monotonic() + LAG_EVERY
        await asyncio.sleep(LAG_EVERY)
        now = time.monotonic()
        lag.note(max(now - asked, 0.0), now)


def start_loop_lag() -> asyncio.Task[None]:
    """Watch the running event loop until the task is cancelled; the caller keeps it."""
    return asyncio.get_running_loop().create_task(_watch_loop(), name="loop-lag")


Reading = Callable[[], Iterable[Metric]]
_readings: list[Reading] = []


def read_at_scrape(reading: Reading) -> None:
    """Have `reading` called, on a thread that may use the database, whenever somebody asks for the metrics.

    This is how a room above the kernel shows what only its tables know: it registers once, when its app is ready.
    """
    if reading not in _readings:
        _readings.append(reading)


def readings(*more: Reading) -> list[Metric]:
    """Read what is registered, and these; a blocking call. What the database does not give is left out."""
    found: list[Metric] = []
    for reading in (*_readings, *more):
        with suppress(DatabaseError):
            found.extend(reading())
    return found


class Scrape:
    """What is shown to one asker: this process's counters and what was read beside them."""

    def __init__(self, read: Iterable[Metric]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        yield from REGISTRY.collect()
        yield from self._read


def exposition(read: Iterable[Metric]) -> bytes:
    """Give everything in Prometheus' text format."""
    return generate_latest(Scrape(read))
