"""What connects this process with the others over Redis: one publisher and one subscriber an event loop."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from chat.replay import mirrors, streams
from chat.replay.publishing import Publisher
from chat.replay.subscribing import Listener, Subscriber


class Hub:
    """What Redis is used for here. Needs a running event loop; its tasks end with `close`."""

    def __init__(self, listener: Listener) -> None:
        self._clients = streams.client(), streams.client()
        self.publisher = Publisher(self._clients[0])
        self.subscriber = Subscriber(*self._clients, mirrors.here(), listener)

    async def close(self) -> None:
        """End the tasks and the connections."""
        await self.publisher.close()
        await self.subscriber.close()
        for client in self._clients:
            await client.aclose()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def here(listener: Listener) -> Hub | None:
    """Give the hub of this process and loop, made at the first call; None without Redis."""
    if not streams.is_used():
        return None
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub(listener)
    return _hubs[loop]


async def close() -> None:
    """End what this loop has of it."""
    await mirrors.here().close()
    if hub := _hubs.pop(asyncio.get_running_loop(), None):
        await hub.close()
