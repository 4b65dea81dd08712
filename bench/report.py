"""The table of a run, and the document that keeps it with the machine and the versions."""

from __future__ import annotations

import math
import os
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

from bench.goals import NAIVE_CPU_US, Numbers, Verdict, slowness
from tools.places import ROOT

DOCUMENT = ROOT / "docs" / "benchmarks.md"
KEPT = "<!-- What stands below this line is kept when the tables are written anew. -->"
LIBRARIES = ("Django", "channels", "daphne", "uvicorn", "uvloop", "picows", "anthropic", "openai", "aiohttp", "msgspec")
RELAYS = ("bare", "naive", "product")
COLUMNS = (
    ("cpu_us", "CPU per token, µs"),
    ("p50_ms", "added latency p50, ms"),
    ("p99_ms", "p99, ms"),
    ("first_p50_ms", "first token p50, ms"),
    ("first_p95_ms", "p95, ms"),
    ("streams", "streams"),
    ("flood", "tokens/s"),
)


def figure(value: float | None) -> str:
    """Write a number with as many digits as it deserves."""
    if value is None or math.isnan(value):
        return "-"
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table, its columns aligned so that it reads well on a terminal too."""
    lines = [list(heads), *map(list, rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(heads))]
    written = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    return "\n".join([written[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *written[1:]])


def goals_table(verdicts: Iterable[Verdict]) -> str:
    """Write the goals with what was measured."""
    rows = (
        (
            one.goal.code,
            one.goal.what,
            _limit(one, one.goal.goal),
            _limit(one, one.goal.must),
            f"{figure(one.measured)} {one.goal.unit}".strip(),
            one.word,
        )
        for one in verdicts
    )
    return table(("", "what", "goal", "must at least", "measured", "verdict"), rows)


def _limit(one: Verdict, limit: float | None) -> str:
    if limit is None:
        return ""
    return f"{'>=' if one.goal.is_least else '<='} {figure(limit)}"


def relays_table(numbers: Numbers) -> str:
    """Write the relays side by side."""
    rows = ([name, *(figure(numbers.get(f"{name}.{column}")) for column, _ in COLUMNS)] for name in RELAYS)
    return table(("relay", *(title for _, title in COLUMNS)), rows)


def machine() -> str:
    """Describe the machine without naming it."""
    cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    name = model[1].strip() if model else platform.machine()
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return f"{os.cpu_count()} cores of {name}, {memory:.0f} GiB, {system}"


def versions() -> str:
    """Give Python and the libraries that decide."""
    return ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in LIBRARIES)])


def document(numbers: Numbers, verdicts: Sequence[Verdict], run: Mapping[str, str], notes: Sequence[str]) -> str:
    """Write the whole document; `run` describes how it was measured."""
    facts = {"Machine": machine(), "Versions": versions(), **run, "Date": f"{date.today():%d %B %Y}"}  # noqa: DTZ011
    slow, there, naive = slowness(numbers), NAIVE_CPU_US, figure(numbers.get("naive.cpu_us"))
    return f"""\
# Benchmarks

Written by `make bench`. The relay is pinned to one core; the upstream stand-in, the load client, MariaDB and Redis have
the other. Latency is from the upstream's clock, which every token carries. Quote the ratios, not the figures.

{table(("", ""), facts.items())}

## Side by side
{relays_table(numbers)}

## Goals
{goals_table(verdicts)}

Goals that processor time decides are eased by {slow:.2f} here: the naive consumer takes {naive} µs a token, and
{there:.0f} µs where they were set. LiteLLM and Open WebUI are not run: they are placed by how they stood, there, to the
bare relay (CPU) and the naive consumer (streams, tokens/s). G2 against LiteLLM is left out: no figure is known.

{"".join(f"- {note}{chr(10)}" for note in notes)}
{KEPT}
"""


def write(text: str) -> None:
    """Replace the tables and keep what people wrote below them."""
    old = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    _tables, mark, kept = old.partition(KEPT)
    DOCUMENT.write_text(text.rstrip("\n") + (kept if mark else "\n"), encoding="utf-8")
