"""The load client, a process of its own: reads a scenario a line, carries it out, writes its figures as a line."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import traceback
from typing import Any

import msgspec
import uvloop

from bench import direct
from bench.load import COMMANDS, Load, plain
from bench.recipe import Recipe
from bench.targets import Target

KINDS: dict[str, Any] = {"target": Target, "recipe": Recipe, "relays": list[Target]}


def fields_of(raw: dict[str, Any]) -> dict[str, Any]:
    """Turn JSON's values into the scenario's types."""
    return {name: msgspec.convert(value, KINDS[name]) if name in KINDS else value for name, value in raw.items()}


async def serve(upstream: int) -> None:
    """Answer until there is no more to read; a scenario that fails is answered with its traceback."""
    load = Load(await direct.connect(upstream))
    loop = asyncio.get_running_loop()
    gc.collect()
    gc.freeze()
    gc.disable()  # a collection in the middle of a window would be taken for the relay's delay
    print(json.dumps({"ready": True}), flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command, raw = json.loads(line)
        print(json.dumps(await _answer(load, command, raw)), flush=True)
        gc.collect()


async def _answer(load: Load, command: str, raw: dict[str, Any]) -> dict[str, Any]:
    if command not in COMMANDS:
        return {"failed": f"unknown scenario: {command}"}
    try:
        return {"done": plain(await getattr(load, command)(**fields_of(raw)))}
    except Exception:  # noqa: BLE001  # the other process shows it; this one lives on for the next scenario
        return {"failed": traceback.format_exc()}


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
