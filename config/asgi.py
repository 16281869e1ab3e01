"""ASGI entry point: HTTP, server-sent events and WebSockets."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()

# These touch models, so they have to wait for the line above.
from coaching.chat.handshake import TokenOrBrowser  # noqa: E402
from coaching.chat.routing import websocket_urlpatterns  # noqa: E402
from coaching.llm.gateway import warm_up  # noqa: E402

warm_up()

application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": TokenOrBrowser(URLRouter(websocket_urlpatterns)),
    }
)
