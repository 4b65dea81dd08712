"""Measures the goals G1 to G12 in one interleaved run and prints them; `--short` takes under three minutes."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from bench import goals, measures, relays, report
from bench.goals import Verdict
from bench.helpers import Helper
from bench.measures import Numbers, Stage
from bench.plans import FULL, SHORT, TINY, Plan
from bench.targets import Target
from tools import services
from tools.refusal import Refusal, speak

PLANS = {"full": FULL, "short": SHORT, "tiny": TINY}
QUIET_MS = 10.0  # the landscape's bare relay had 4
BUSY = "Latencies, streams and silences (G2, G3, G4, G11) prove nothing; measure again when nothing else runs."
Say = Callable[[str], None]


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description=__doc__)
    parser.add_argument("--short", dest="plan", action="store_const", const="short", help="less of everything")
    parser.add_argument("--plan", choices=PLANS, help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md after a short run too")
    parser.add_argument("--server", choices=("daphne", "uvicorn"), default="daphne", help="what serves the product")
    parser.add_argument("--profile", metavar="FILE", default="", help="only record the product under load, with py-spy")
    parser.set_defaults(plan="full")
    return parser.parse_args()


def main() -> int:
    """Give 1 when something that must be reached is not."""
    if absent := services.missing():
        raise Refusal(f"The benchmark needs MariaDB and Redis; not installed: {', '.join(absent)}.")
    chosen = options()
    began, notes = time.monotonic(), list[str]()
    numbers = run(PLANS[chosen.plan], chosen.server, notes, lambda text: _say(began, text), chosen.profile)
    if chosen.profile:
        return 0
    if numbers["bare.p99_ms"] > QUIET_MS:
        notes.append(f"The machine was busy: even the bare relay's p99 was {numbers['bare.p99_ms']:.0f} ms. {BUSY}")
    verdicts = list(goals.judge(numbers))
    how = {"Run": f"{chosen.plan}, {time.monotonic() - began:.0f} s", "Product served by": chosen.server}
    print("\n".join(["", report.relays_table(numbers), "", report.goals_table(verdicts), *notes]))
    if chosen.plan == "full" or chosen.write:
        report.write(report.document(numbers, verdicts, how, notes))
    return _conclude(verdicts)


def _conclude(verdicts: list[Verdict]) -> int:
    failed = [f"{one.goal.code} ({one.goal.what}, {one.goal.unit})" for one in verdicts if one.fails]
    print(f"\nMissed: {'; '.join(failed)}" if failed else "\nEverything that must be reached is reached.")
    return int(bool(failed))


def run(plan: Plan, server: str, notes: list[str], say: Say, profile: str = "") -> Numbers:
    """Start everything, measure, end everything."""
    with tempfile.TemporaryDirectory(prefix="caicaini-bench-") as place, services.running() as urls:
        folder = Path(place)
        log = folder / "bench.log"
        with loaded(log) as (upstream, client):
            environment = relays.site_environment(folder, urls, upstream)
            with relays.clerk(environment, log) as clerk:
                cookies = tuple(clerk.ask("people", count=plan.people))
                say(f"{plan.people} people are signed in")
                stage = Stage(client, {}, plan, say, notes)
                with _relays(upstream, environment, server, log) as targets:
                    together = replace(stage, relays=targets | {"product": targets["product"].of(cookies)})
                    if profile:
                        measures.profile(together, profile)
                        return {}
                    numbers = _together(together)
                with relays.product(environment, server, log) as fresh:
                    numbers |= measures.memory(replace(stage, relays={"product": fresh.of(cookies)}))
                return numbers | measures.books(clerk, plan, say)


@contextmanager
def _relays(upstream: int, environment: Mapping[str, str], server: str, log: Path) -> Iterator[dict[str, Target]]:
    with (
        relays.bare(upstream, log) as bare,
        relays.naive(upstream, log) as naive,
        relays.product(environment, server, log) as product,
    ):
        yield {"bare": bare, "naive": naive, "product": product}


@contextmanager
def loaded(log: Path) -> Iterator[tuple[int, Helper]]:
    """Start the upstream and the load client on the core that the relays leave alone."""
    with closing(Helper("upstream", ["-m", "bench.upstream"], relays.LOAD_CORE, log)) as upstream:
        port = upstream.first["port"]
        with closing(Helper("client", ["-m", "bench.client", str(port)], relays.LOAD_CORE, log)) as client:
            yield port, client


def _together(stage: Stage) -> Numbers:
    numbers: Numbers = {}
    for measure in (
        measures.first_token,
        measures.tokens,
        measures.messages,
        measures.capacity,
        measures.stalls,
        measures.flood,
    ):
        numbers |= measure(stage)
    return numbers


def _say(began: float, text: str) -> None:
    print(f"{time.monotonic() - began:4.0f} s  {text}", flush=True)


if __name__ == "__main__":
    sys.exit(speak(main))
