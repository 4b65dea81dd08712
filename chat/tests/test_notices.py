"""Notices between processes, over the channel layer of production."""

from __future__ import annotations

from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.conf import settings


@pytest.mark.services
@pytest.mark.skipif(not settings.REDIS_URL, reason="needs Redis: runs in the pass on MariaDB and Redis")
async def test_layer_waits_for_a_notice_as_long_as_it_takes() -> None:
    layer: Any = get_channel_layer()
    async with layer.connection(0) as redis:
        assert redis.connection_pool.connection_kwargs["socket_timeout"] is None
