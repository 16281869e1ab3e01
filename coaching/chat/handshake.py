"""Who opens a line: a browser with its session from an allowed origin, or a phone with its token."""

from collections.abc import Awaitable, Callable
from typing import Any

from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from channels.auth import AuthMiddlewareStack
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils.crypto import constant_time_compare

from accounts.models import User
from coaching.agent.database import in_database

Scope = dict[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]
HEADER = b"x-session-token"


class TokenOrBrowser:
    """Lets lines through to `application` with `scope["user"]` and `scope["session_key"]` set.

    No browser can send the token's header with a WebSocket, so a line that has it needs no check of origin.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._browsers = AllowedHostsOriginValidator(AuthMiddlewareStack(self._from_browser))

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        token = dict(scope["headers"]).get(HEADER)
        if token is None:
            await self._browsers(scope, receive, send)
            return
        found = await in_database(authenticate_by_x_session_token, token.decode("latin-1"))
        user, key = (found[0], found[1].session_key) if found else (None, None)
        await self._application({**scope, "user": user, "session_key": key}, receive, send)

    async def _from_browser(self, scope: Scope, receive: Any, send: Any) -> None:
        key = scope["session"].session_key
        await self._application({**scope, "session_key": key}, receive, send)


def is_signed_in(user_id: Any, session_key: str | None) -> bool:
    """Whether the session still stands for the person: not ended, not signed out everywhere, not erased."""
    session = SessionStore(session_key=session_key)
    if session.get(SESSION_KEY) != str(user_id):
        return False
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return False
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return False
    return constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
