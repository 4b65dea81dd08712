"""The ASGI application: pages over HTTP, one websocket route; the same under every server."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caicaini.settings")
pages = get_asgi_application()

# The consumer imports models, so it may only be imported once Django is set up.
from channels.routing import ProtocolTypeRouter  # noqa: E402

from caicaini.routing import sockets  # noqa: E402

application = ProtocolTypeRouter({"http": pages, "websocket": sockets})
