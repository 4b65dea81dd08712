"""What is measured over sockets, relay after relay, so that the machine's noise hits all alike (G1 to G7, G11, G12)."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import msgspec

from bench.climbing import Climber
from bench.figures import median, percentile
from bench.helpers import Helper
from bench.plans import Plan
from bench.recipe import Recipe
from bench.targets import Target
from tools.refusal import Refusal

STEADY = Recipe()  # 40 tokens a second
FLOOD = Recipe(first_us=1_000_000, interval_us=0, burst=16)
FLOOD_STREAMS = 8
FLOOD_SHARE = {"bare": 1.0, "naive": 0.1, "product": 0.6}  # of the tokens: so that each takes about as long
RAMP = 5.0  # seconds after which the streams of G1 have surely begun
BEGINNING = 60.0  # seconds that the streams may take to begin, all of them
SHORT_REPLY = Recipe(tokens=3, first_us=20_000, interval_us=1_000)
TINY_REPLY = Recipe(tokens=2, interval_us=1_000)
LARGE_PIECES = Recipe(first_us=1_500_000, interval_us=1_500, size=1_200)  # 0.8 MB/s, once all follow
TOO_LATE_MS = 100.0
AT_ONCE = 4  # tiny replies under way
WHOLE_RATE = 0.97  # of the tokens that were due

Numbers = dict[str, float]


@dataclass(frozen=True)
class Stage:
    """Who plays: the load client, the relays by name, and where progress is told."""

    client: Helper
    relays: dict[str, Target]
    plan: Plan
    say: Callable[[str], None]
    notes: list[str] = field(default_factory=list)

    def relay(self, name: str, streams: int, recipe: Recipe, window: float, *, is_html: bool = False) -> dict[str, Any]:
        """Have a relay hold streams and give the client's reading."""
        target = msgspec.to_builtins(self.relays[name])
        if recipe.interval_us:  # streams end by themselves soon after, should anything leave one behind
            recipe = replace(recipe, tokens=int((BEGINNING + window) * 1e6 / recipe.interval_us))
        answer: dict[str, Any] = self.client.ask(
            "relay", target=target, streams=streams, recipe=asdict(recipe), window=window, is_html=is_html
        )
        if answer["own_delays"]:
            self.notes.append(f"The load client itself was away {answer['own_delays']} times with {streams} x {name}.")
        return answer

    def ask(self, scenario: str, recipe: Recipe, **fields: Any) -> Any:
        """Have the product go through another scenario."""
        target = msgspec.to_builtins(self.relays["product"])
        return self.client.ask(scenario, target=target, recipe=asdict(recipe), **fields)


def tokens(stage: Stage) -> Numbers:
    """G1, G3, G12: processor time and added latency per token at a moderate load."""
    readings: dict[str, list[dict[str, Any]]] = {}
    for _ in range(stage.plan.rounds):
        for name in stage.relays:
            readings.setdefault(name, []).append(stage.relay(name, stage.plan.streams, STEADY, stage.plan.window))
        prose = replace(STEADY, prose=1)
        for name, is_html in (("prose", False), ("html", True)):
            reading = stage.relay("product", stage.plan.streams, prose, stage.plan.window, is_html=is_html)
            readings.setdefault(name, []).append(reading)
    numbers: Numbers = {}
    for name, found in readings.items():
        numbers[f"{name}.cpu_us"] = median([1e6 * one["relay_cpu"] / max(one["tokens"], 1) for one in found])
        numbers[f"{name}.p50_ms"] = median([one["p50_ms"] for one in found])
        numbers[f"{name}.p99_ms"] = median([one["p99_ms"] for one in found])
        stage.say(f"{name}: {numbers[f'{name}.cpu_us']:.0f} µs a token, p99 {numbers[f'{name}.p99_ms']:.1f} ms")
    return numbers


def profile(stage: Stage, file: str) -> None:
    """Record where the product's time goes while it holds the streams of G1; py-spy has to be on PATH."""
    if not shutil.which("py-spy"):
        raise Refusal("py-spy is not on PATH. Outside of the project: pip install py-spy")
    stage.ask("warm_up", SHORT_REPLY)
    pid, seconds = str(stage.relays["product"].pid), 4 * stage.plan.window
    how = ["--gil", "--nonblocking", "--rate", "250", "--format", "raw", "--duration", str(round(seconds)), "--output"]

    def record() -> None:
        subprocess.run(["py-spy", "record", "--pid", pid, *how, file], check=False)

    recorder = threading.Timer(RAMP, record)
    recorder.start()
    stage.relay("product", stage.plan.streams, STEADY, seconds + 2 * RAMP)
    recorder.join()


def first_token(stage: Stage) -> Numbers:
    """G2: what a relay adds to the first token, one question at a time."""
    relays = [msgspec.to_builtins(target) for target in stage.relays.values()]
    for target in relays:
        stage.client.ask("warm_up", target=target, recipe=asdict(SHORT_REPLY))
    found: dict[str, list[float]] = stage.client.ask(
        "first_tokens", relays=relays, rounds=stage.plan.first_tokens, recipe=asdict(SHORT_REPLY)
    )
    direct = median(found.pop("direct"))
    numbers: Numbers = {}
    for name, samples in found.items():
        for percent in (50, 95):
            numbers[f"{name}.first_p{percent}_ms"] = percentile(samples, percent) - direct
        stage.say(f"{name}: first token {numbers[f'{name}.first_p50_ms']:.1f} ms later than directly")
    return numbers


def capacity(stage: Stage) -> Numbers:
    """G4: how many streams at 40 tokens/s stay below 100 ms at the 99th percentile; a rung of each relay in turn."""
    climbers = {name: Climber(climb) for name, climb in stage.plan.climbs.items()}
    while any(not climber.is_done for climber in climbers.values()):
        for name, climber in climbers.items():
            if not climber.is_done:
                _climb(stage, name, climber)
    for name, climber in climbers.items():
        if climber.is_open_ended:
            stage.notes.append(f"{name} carried {climber.best} streams, the most that was tried.")
    return {f"{name}.streams": climber.best for name, climber in climbers.items()}


def _climb(stage: Stage, name: str, climber: Climber) -> None:
    reading = stage.relay(name, climber.rung, STEADY, stage.plan.climb_window)
    due = climber.rung * 1e6 / STEADY.interval_us * reading["seconds"]
    is_good = reading["p99_ms"] <= TOO_LATE_MS and reading["tokens"] >= WHOLE_RATE * due
    stage.say(f"{name}: {climber.rung} streams, p99 {reading['p99_ms']:.1f} ms")
    climber.note(is_good)


def stalls(stage: Stage) -> Numbers:
    """G11: moments in which nothing came from the relay for 100 ms although the upstream had sent."""
    reading = stage.relay("product", stage.plan.stall_streams, STEADY, stage.plan.stall_window)
    stage.say(f"product: {reading['silences']} silences in {stage.plan.stall_window:.0f} s")
    return {"product.stalls": reading["silences"]}


def flood(stage: Stage) -> Numbers:
    """G5: tokens a second from an upstream that never waits."""
    found: dict[str, list[float]] = {name: [] for name in stage.relays}
    for _ in range(stage.plan.rounds):
        for name, rates in found.items():
            recipe = replace(FLOOD, tokens=int(FLOOD_SHARE[name] * stage.plan.flood_tokens))
            target = msgspec.to_builtins(stage.relays[name])
            poured = stage.client.ask("flood", target=target, streams=FLOOD_STREAMS, recipe=asdict(recipe))
            rates.append(poured["tokens"] / poured["seconds"])
    for name, rates in found.items():
        stage.say(f"{name}: {median(rates):,.0f} tokens/s")
    return {f"{name}.flood": median(rates) for name, rates in found.items()}


def messages(stage: Stage) -> Numbers:
    """G7: what a message costs; the goal takes its tokens off."""
    count = stage.plan.messages
    used = stage.ask("messages", TINY_REPLY, count=count, at_once=AT_ONCE)
    stage.say(f"product: {1e3 * used['cpu'] / count:.1f} ms of processor time a message")
    return {"product.message_us": 1e6 * used["cpu"] / count, "product.messages": count / used["seconds"]}


def memory(stage: Stage) -> Numbers:
    """G6: of a product that has just started: what earlier load left free would hide what is taken."""
    plan = stage.plan
    steady = replace(STEADY, tokens=int((BEGINNING + plan.stream_seconds) * 1e6 / STEADY.interval_us))
    found = stage.ask("memory", steady, count=plan.idle_sockets, seconds=plan.stream_seconds)
    poured = replace(LARGE_PIECES, tokens=plan.deaf_tokens)
    deaf = stage.ask("deaf", poured, count=plan.deaf_clients)
    stage.say(f"product: {found['idle']:.0f} KiB an idle socket, {found['stream']:.0f} KiB a stream")
    stage.say(f"product: {deaf['deaf']:.0f} KiB a client that stops reading, {deaf['reads']:.0f} KiB one that reads")
    return {
        "product.idle_kib": found["idle"],
        "product.stream_kib": found["stream"],
        "product.deaf_kib": max(deaf["deaf"] - deaf["reads"], 0),
    }


def books(clerk: Helper, plan: Plan, say: Callable[[str], None]) -> Numbers:
    """G8, G9, G10: what needs no socket."""
    rate = clerk.ask("ledger", threads=4, seconds=plan.ledger_seconds)
    contended = clerk.ask("contended", writers=8, seconds=plan.ledger_seconds)
    say(f"ledger: {rate:.0f} holds settled a second, {contended['deadlocks']:.0f} deadlocks on one account")
    history, pages = clerk.ask("history", count=plan.history), clerk.ask("page", depth=plan.depth)
    say(f"page: {max(pages.values()):.1f} ms at the slowest depth; history: {history:.1f} ms")
    purged = clerk.ask("purge", count=plan.purged)
    say(f"purge: {purged['rate']:,.0f} messages/s, slowest statement {purged['worst_ms']:.0f} ms")
    return {
        "ledger.rate": rate,
        "ledger.contended": contended["rate"],
        "ledger.deadlocks": contended["deadlocks"],
        "history.ms": history,
        "page.ms": max(pages.values()),
        "purge.rate": purged["rate"],
        "purge.worst_ms": purged["worst_ms"],
    }
