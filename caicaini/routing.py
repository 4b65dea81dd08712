"""Where a websocket goes."""

from __future__ import annotations

from channels.routing import URLRouter
from django.urls import path, re_path

from chat.consumers import ChatConsumer, NowhereConsumer

sockets = URLRouter([path("ws/", ChatConsumer.as_asgi()), re_path(r"", NowhereConsumer.as_asgi())])
