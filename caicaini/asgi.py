"""The ASGI application: pages over HTTP, one websocket route; the same under every server."""

from __future__ import annotations

import os
import sys

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caicaini.settings")
pages = get_asgi_application()

# These import models, so they may only be imported once Django is set up.
from twisted.internet import reactor  # noqa: E402

from caicaini import life  # noqa: E402
from caicaini.routing import sockets  # noqa: E402
from chat.providers import addresses  # noqa: E402

if refusals := addresses.problems():
    sys.exit("\n".join(refusals))

life.warm_up()
life.follow_reactor(reactor)

application = ProtocolTypeRouter({"http": pages, "websocket": sockets, "lifespan": life.lifespan})
