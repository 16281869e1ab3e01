"""Run events as one client gets them: for the web with HTML, for others as they are."""

import logging

from django.db import DatabaseError, InterfaceError
from django.template.loader import render_to_string
from psycopg_pool import PoolTimeout

from accounts.models import User
from coaching.agent.database import in_database
from coaching.agent.events import FINISHED, Event

from .cards import card_context
from .markdown import Sealer
from .thread import FRAGMENT, message_html

logger = logging.getLogger(__name__)


class Rendition:
    """Follows the text of one run from its first event; `after` is what the client has seen already."""

    def __init__(self, user: User, *, after: int = 0, is_web: bool = True) -> None:
        self._user = user
        self._after = after
        self._is_web = is_web
        self._sealer = Sealer()
        self._reply = ""

    async def show(self, event: Event) -> Event | None:
        """The event as the client gets it, or `None` when it has it already."""
        seen = event["seq"] <= self._after
        if not self._is_web:
            return None if seen else event
        match event["type"]:
            case "run.started":
                self._reply = event["reply"]
            case "text":
                return self._text(event, seen=seen)
            case "card" if not seen:
                return {**event, "html": await in_database(self._card, event)}
            case "run.finished" if not seen:
                return await self._finished(event)
        return None if seen else event

    def _text(self, event: Event, *, seen: bool) -> Event | None:
        if event.get("reset"):
            self._sealer.reset()
        if seen:
            self._sealer.skip(event["delta"])
            return None
        sealed, tail = self._sealer.add(event["delta"])
        return {**event, "sealed": sealed, "open": tail}

    async def _finished(self, event: Event) -> Event:
        """With the whole message, or without: the end of an answer must come whatever cannot be drawn."""
        try:
            html = await in_database(message_html, self._user, event["message"]["id"])
        except (DatabaseError, InterfaceError, PoolTimeout):
            raise  # the line says so, and the client asks again
        except Exception:
            logger.exception("message_not_drawn id=%s", event["message"]["id"])
            return event
        return {**event, "html": html}

    def _card(self, event: Event) -> str:
        call = {
            "id": event["call"],
            "name": event["name"],
            "label": event.get("label", ""),
            "status": event["state"],
            "card": event.get("card"),
            "error": event.get("error", ""),
        }
        context = card_context(self._user, self._reply, call)
        return render_to_string(
            "coaching/chat/_card.html", {**FRAGMENT, "card": context, "user": self._user}
        )


def is_last(event: Event) -> bool:
    return bool(event["type"] == FINISHED)
