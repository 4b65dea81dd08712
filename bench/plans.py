"""How long and how often is measured: in full for the record, shortly for every day, hardly at all for the tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Climb:
    """The search for the most streams: where it begins, by which factor it climbs, its last rung, its most steps."""

    start: int
    factor: float
    limit: int
    steps: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds and counts of every measurement; a climb for each relay that takes part in the search."""

    people: int
    rounds: int  # of G1, G3, G12 and G5: in each, every relay has its turn
    streams: int
    window: float
    first_tokens: int
    climbs: dict[str, Climb]
    climb_window: float
    stall_streams: int
    stall_window: float
    flood_tokens: int  # of the bare relay, a stream
    messages: int
    idle_sockets: int
    stream_seconds: float
    deaf_clients: int
    deaf_tokens: int
    ledger_seconds: float
    depth: int
    history: int
    purged: int


FULL = Plan(
    people=450,
    rounds=5,
    streams=40,
    window=5.0,
    first_tokens=60,
    climbs={"bare": Climb(400, 1.5, 1_350, 5), "naive": Climb(48, 1.3, 400, 8), "product": Climb(120, 1.3, 900, 10)},
    climb_window=6.0,
    stall_streams=150,
    stall_window=60.0,
    flood_tokens=200_000,
    messages=600,
    idle_sockets=300,
    stream_seconds=10.0,
    deaf_clients=24,
    deaf_tokens=3_000,
    ledger_seconds=8.0,
    depth=10_000,
    history=500,
    purged=50_000,
)
SHORT = Plan(
    people=210,
    rounds=2,
    streams=40,
    window=2.5,
    first_tokens=12,
    climbs={"naive": Climb(64, 1.3, 400, 2), "product": Climb(150, 1.34, 201, 3)},
    climb_window=3.0,
    stall_streams=150,
    stall_window=8.0,
    flood_tokens=40_000,
    messages=120,
    idle_sockets=100,
    stream_seconds=4.0,
    deaf_clients=12,
    deaf_tokens=2_400,
    ledger_seconds=2.0,
    depth=10_000,
    history=500,
    purged=10_000,
)
TINY = Plan(
    people=12,
    rounds=1,
    streams=4,
    window=0.5,
    first_tokens=2,
    climbs={"product": Climb(4, 1.3, 4, 1)},
    climb_window=0.5,
    stall_streams=4,
    stall_window=0.5,
    flood_tokens=2_000,
    messages=6,
    idle_sockets=4,
    stream_seconds=0.5,
    deaf_clients=2,
    deaf_tokens=300,
    ledger_seconds=0.3,
    depth=120,
    history=20,
    purged=100,
)
