"""The ASGI application: pages over HTTP, one websocket route; the same under every server."""

from __future__ import annotations

import os
import sys
from threading import Thread

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caicaini.settings")
pages = get_asgi_application()

# The consumers import models, so they may only be imported once Django is set up.
from caicaini.routing import sockets  # noqa: E402
from chat import rendering  # noqa: E402
from chat.providers import addresses, registry  # noqa: E402

if refusals := addresses.problems():
    sys.exit("\n".join(refusals))


def warm_up() -> None:
    """Load what takes time beside the start, so that the first person does not wait for it: SDKs, lexers."""
    registry.warm_up()
    rendering.warm_up()


Thread(target=warm_up, name="warm-up", daemon=True).start()

application = ProtocolTypeRouter({"http": pages, "websocket": sockets})
