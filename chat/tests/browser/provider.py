"""Anthropic's stand-in with answers made for the page: formatted, held in the middle, hostile, an echo."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from chat.tests.browser.backstage import Backstage
from chat.tests.standins.anthropic import AnthropicStandIn
from chat.tests.standins.anthropic_frames import block, changes, close, delta, frame, start, text
from chat.tests.standins.anthropic_scenarios import SCENARIOS
from chat.tests.standins.scenes import Scenes, play, play_out
from chat.tests.standins.server import Call

PACE = 0.01  # seconds between two packets
PIECE = 23  # characters: cuts words, tags and formulas anywhere
RIVER = "Irrawaddy"  # stands in every answer, and nowhere else
RICH = f"""\
## Rivers of the delta

The {RIVER} has **nine mouths** and a [mouth](https://example.invalid/map) of its own. Its length is $L = \\sum_k s_k$.

```python
def mouths(river: str) -> int:
    \"\"\"Count them, one by one.\"\"\"
    return 9 if river == "{RIVER}" else 1  # the others have one
```

| River | Mouths | Ends in |
|---|---:|---|
| {RIVER} | 9 | the Andaman Sea |
| Seine | 1 | the English Channel |

$$
\\int_0^1 x^2 \\, dx = \\frac{{1}}{{3}}
$$

- one bank
- another bank

That was all about rivers.
"""
MIDDLE = RICH.index("return 9")
HOSTILE = f"""\
The {RIVER} <script>window.harmed = 1</script> flows.

<img src="http://elsewhere.invalid/pixel.png" onerror="window.harmed = 2">

![a picture](http://elsewhere.invalid/pixel.png) [a link](javascript:window.harmed=3) <javascript:window.harmed=4>

<iframe srcdoc="<script>parent.harmed = 5</script>"></iframe><svg onload="window.harmed = 6"></svg>

```html" onmouseover="window.harmed=7
</code></pre><script>window.harmed = 8</script>
```

| <b onclick="window.harmed=9">cell</b> |
|---|
| <style>body {{ display: none }}</style> |

$\\href{{javascript:window.harmed=10}}{{x}}$ <button data-action="delete" hx-post="/account/logout/">Press</button>
"""


class Gate:
    """Where held answers wait."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Event] = []

    def ticket(self) -> asyncio.Event:
        self._waiting.append(asyncio.Event())
        return self._waiting[-1]

    def open(self) -> None:
        while self._waiting:
            self._waiting.pop().set()


GATE = Gate()
OWN = Scenes()
BEGIN = (start(input_tokens=1_200), block(0, "text"))
END = (close(), changes("end_turn", output_tokens=9_000), frame("message_stop"))


def pieces(words: str) -> list[bytes]:
    return [text(words[place : place + PIECE]) for place in range(0, len(words), PIECE)]


OWN.stream("rich", *BEGIN, *pieces(RICH), *END)
OWN.stream("hostile", *BEGIN, *pieces(HOSTILE), *END)


@OWN.add("held")
async def _held(call: Call) -> None:
    """Send the answer up to the middle of its code, and the rest when the test lets it."""
    ticket = GATE.ticket()
    await play(call, *BEGIN, *pieces(RICH[:MIDDLE]))
    await ticket.wait()
    for packet in (*pieces(RICH[MIDDLE:]), *END):
        await call.reply.write(packet)
    await call.reply.end()


@OWN.add("silent")
async def _silent(call: Call) -> None:
    """Think without showing it, and answer when the test lets it."""
    ticket = GATE.ticket()
    await play(call, start(), block(0, "thinking"), delta(0, "signature_delta", signature="c2ln"))
    await ticket.wait()
    for packet in (close(), block(1, "text"), text(f"The {RIVER}.", 1), close(1), *END[1:]):
        await call.reply.write(packet)
    await call.reply.end()


@OWN.add("echo")
async def _echo(call: Call) -> None:
    """Answer with the question in capitals, so that a test knows words that only the answer holds."""
    question = str(call.request.body["messages"][-1]["content"])
    await play_out(call, *BEGIN, *pieces(f"{RIVER}: {question.upper()}"), *END)


class PageProvider(AnthropicStandIn):
    """Plays the vendor's scenarios and the page's own."""

    scenarios: ClassVar[Scenes] = Scenes({**SCENARIOS, **OWN})


class Provider:
    """The stand-in as tests hold it, backstage."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self._server = PageProvider(pace=PACE)
        backstage.run(self._server.__aenter__())

    @property
    def environment(self) -> dict[str, str]:
        return {"ANTHROPIC_API_KEY": self._server.key, "ANTHROPIC_BASE_URL": self._server.url}

    @property
    def violations(self) -> list[str]:
        return self._server.violations

    def release(self) -> None:
        """Let every held answer go on."""
        self._backstage.call(GATE.open)

    def close(self) -> None:
        self._backstage.run(self._server.__aexit__(None, None, None))
