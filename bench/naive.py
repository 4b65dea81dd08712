"""The obvious way, for comparison: a Channels consumer that loops over the SDK's objects and sends each as it comes."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import django
from anthropic import AsyncAnthropic
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from django.conf import settings

settings.configure(SECRET_KEY="not-a-secret-of-anything", INSTALLED_APPS=["channels"], ALLOWED_HOSTS=["*"])  # noqa: S106
django.setup()
vendor = AsyncAnthropic(api_key="bench", base_url=os.environ["BENCH_UPSTREAM"], max_retries=0)


class Naive(AsyncWebsocketConsumer):
    """One websocket; a task a question, as Channels hands over the next frame only when the handler returned."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.replies: set[asyncio.Task[None]] = set()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        question = json.loads(text_data or "{}")
        self.replies.add(asyncio.create_task(self.reply(question["id"], question["text"])))

    async def disconnect(self, code: int) -> None:
        for reply in self.replies:
            reply.cancel()

    async def reply(self, number: int, text: str) -> None:
        stream = await vendor.messages.create(
            model="bench", max_tokens=1_024, messages=[{"role": "user", "content": text}], stream=True
        )
        async with stream:
            async for event in stream:
                if event.type == "content_block_delta" and event.delta.type == "text_delta":
                    await self.send(json.dumps({"id": number, "t": event.delta.text}))
        await self.send(json.dumps({"id": number, "end": True}))


application = ProtocolTypeRouter({"websocket": Naive.as_asgi()})
