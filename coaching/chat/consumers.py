"""The WebSocket of the conversation: one line of a person, over which any number of runs are followed.

It is a bare ASGI application. Channels' own consumers visit a thread for every frame, and take a Redis
subscription per socket, which would make Redis a condition for talking at all.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from time import monotonic
from typing import Any, Literal
from uuid import UUID, uuid4

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from psycopg_pool import PoolTimeout
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from accounts.models import User
from accounts.rest.problems import problem_body
from coaching.agent import stopping
from coaching.agent.database import at_once, in_database
from coaching.agent.events import ListenerDropped
from coaching.agent.following import follow
from coaching.agent.live import Job, launch
from coaching.agent.runs import MAX_ATTACHMENTS, Refused, Started
from coaching.models import ConversationChannel

from . import conversing
from .badges import Badges
from .handshake import is_signed_in
from .limits import Bucket
from .rendition import Rendition

MAX_FRAME = 64 * 1024
FRAMES_PER_MINUTE = 240
FOLLOWED_AT_ONCE = 16
SESSION_CHECK_SECONDS = 30
NOT_SIGNED_IN = 4401
TOO_SLOW = 4408
logger = logging.getLogger(__name__)
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Page(BaseModel):
    page: str = Field(default="", max_length=200)


class Wish(BaseModel):
    """A frame from the client. Members it does not know are passed over."""

    model_config = ConfigDict(extra="ignore")


class SendWish(Wish):
    type: Literal["send"]
    client_id: str
    conversation: UUID | None = None
    text: str = ""
    attachments: list[UUID] = Field(default_factory=list, max_length=MAX_ATTACHMENTS)
    context: Page = Field(default_factory=Page)


class StopWish(Wish):
    type: Literal["stop"]
    run: UUID


class ResumeWish(Wish):
    type: Literal["resume"]
    run: UUID
    after: int = Field(default=0, ge=0)


class RegenerateWish(Wish):
    type: Literal["regenerate"]
    message: UUID
    client_id: str


class EditWish(Wish):
    type: Literal["edit"]
    message: UUID
    text: str
    client_id: str


class RetryWish(Wish):
    type: Literal["retry"]
    run: UUID
    client_id: str = ""


WISHES: dict[str, type[Wish]] = {
    "send": SendWish,
    "stop": StopWish,
    "resume": ResumeWish,
    "regenerate": RegenerateWish,
    "edit": EditWish,
    "retry": RetryWish,
}


async def coach_line(scope: dict[str, Any], receive: Any, send: Send) -> None:
    """The ASGI application behind `/ws/coach/`."""
    await receive()  # websocket.connect
    user = scope.get("user")
    await send({"type": "websocket.accept"})
    if not isinstance(user, User) or not user.is_authenticated:
        await send({"type": "websocket.close", "code": NOT_SIGNED_IN})
        return
    line = Line(getattr(user, "_wrapped", user), scope.get("session_key"), send)
    await line.serve(receive)


class Line:
    """One open socket."""

    def __init__(self, user: User, session_key: str | None, send: Send) -> None:
        self.user = user
        self._session_key = session_key
        self._send = send
        self._checked_at = monotonic()
        self._frames = Bucket(FRAMES_PER_MINUTE)
        self._bytes = Bucket(settings.COACH_LINE_BYTES_PER_MINUTE)
        self._pumps: dict[UUID, asyncio.Task[None]] = {}
        self._closed = False

    async def serve(self, receive: Any) -> None:
        """Answers frames until the client leaves."""
        badges = Badges.here()
        badges.join(self.user.pk, self)
        try:
            while not self._closed:
                frame = await receive()
                if frame["type"] == "websocket.disconnect":
                    return
                await self._hear(frame.get("text"))
        finally:
            self._closed = True
            badges.leave(self.user.pk, self)
            for pump in self._pumps.values():
                pump.cancel()

    async def say(self, message: dict[str, Any]) -> None:
        """Sends one message; a line that is sent more than anybody reads is closed instead."""
        if self._closed:
            return
        text = json.dumps(message, default=str, ensure_ascii=False)
        if not self._bytes.take(len(text)):
            await self.close(TOO_SLOW)
            return
        with suppress(OSError):
            await self._send({"type": "websocket.send", "text": text})

    async def close(self, code: int) -> None:
        if not self._closed:
            self._closed = True
            with suppress(OSError):
                await self._send({"type": "websocket.close", "code": code})

    # --- hearing ------------------------------------------------------------------------------
    async def _hear(self, text: str | None) -> None:
        client_id: str | None = None
        try:
            if text is None or len(text) > MAX_FRAME:
                raise Refused(413, "too_large", f"At most {MAX_FRAME // 1024} kB of text a frame.")
            if not self._frames.take():
                raise Refused(429, "too_fast", "Too many messages. Wait a moment.")
            body = _parsed(text)
            said = body.get("client_id")
            client_id = said if isinstance(said, str) else None
            if not await self._still_signed_in():
                await self.close(NOT_SIGNED_IN)
                return
            if body.get("type") == "ping":
                await self.say({"type": "pong"})
                return
            await self._grant(_wish(body))
        except Refused as refused:
            await self._refuse(refused, client_id)
        except (DatabaseError, InterfaceError, PoolTimeout):
            logger.exception("line_without_database")
            away = Refused(503, "try_again", "Our memory is away for a moment. Please try again.")
            await self._refuse(away, client_id)

    async def _grant(self, wish: Wish) -> None:
        user = self.user
        match wish:
            case SendWish():
                found = await at_once(
                    conversing.send,
                    user,
                    wish.text,
                    client_id=wish.client_id,
                    conversation=wish.conversation,
                    attachments=wish.attachments,
                    channel=ConversationChannel.WEB,
                    page=wish.context.page,
                )
                await self._begin(*found, wish.client_id)
            case RegenerateWish():
                found = await at_once(
                    conversing.regenerate, user, wish.message, client_id=wish.client_id
                )
                await self._begin(*found, wish.client_id)
            case EditWish():
                found = await at_once(
                    conversing.edit, user, wish.message, wish.text, client_id=wish.client_id
                )
                await self._begin(*found, wish.client_id)
            case RetryWish():
                found = await at_once(conversing.retry, user, wish.run)
                await self._begin(*found, wish.client_id or uuid4().hex)
            case StopWish():
                await in_database(stopping.stop, user, wish.run)
            case ResumeWish():
                self._follow(wish.run, wish.after)

    async def _begin(self, started: Started, job: Job | None, client_id: str) -> None:
        if job is not None:
            launch(job)
        await self.say(conversing.acknowledgement(started, client_id))
        self._follow(started.run.pk, 0)

    async def _refuse(self, refused: Refused, client_id: str | None) -> None:
        problem = problem_body(refused.status, refused.detail, refused.code)
        message: dict[str, Any] = {"type": "error", "problem": problem}
        if client_id is not None:
            message["client_id"] = client_id
        await self.say(message)

    async def _still_signed_in(self) -> bool:
        if monotonic() - self._checked_at < SESSION_CHECK_SECONDS:
            return True
        self._checked_at = monotonic()
        return await in_database(is_signed_in, self.user.pk, self._session_key)

    # --- following ----------------------------------------------------------------------------
    def _follow(self, run_id: UUID, after: int) -> None:
        old = self._pumps.pop(run_id, None)
        if old is not None:
            old.cancel()
        while len(self._pumps) >= FOLLOWED_AT_ONCE:
            self._pumps.pop(next(iter(self._pumps))).cancel()
        pump = asyncio.create_task(self._pump(run_id, after))
        self._pumps[run_id] = pump
        pump.add_done_callback(lambda done: self._pumped(run_id, done))

    def _pumped(self, run_id: UUID, pump: asyncio.Task[None]) -> None:
        if self._pumps.get(run_id) is pump:
            del self._pumps[run_id]
        if not pump.cancelled() and (error := pump.exception()):
            logger.error("pump_broke run=%s", run_id, exc_info=error)

    async def _pump(self, run_id: UUID, after: int) -> None:
        rendition = Rendition(self.user, after=after)
        try:
            async with aclosing(follow(self.user, run_id)) as events:
                async for event in events:
                    shown = await rendition.show(event)
                    if shown is not None:
                        await self.say(shown)
        except Refused as refused:
            await self._refuse(refused, None)
        except ListenerDropped:
            await self.close(TOO_SLOW)
        except (DatabaseError, InterfaceError, PoolTimeout):
            away = Refused(503, "try_again", "Our memory is away for a moment. Please try again.")
            await self._refuse(away, None)


def _parsed(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
        json.dumps(body, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "not_json", "A frame is one JSON object.")
    return body


def _wish(body: dict[str, Any]) -> Wish:
    kind = WISHES.get(str(body.get("type")))
    if kind is None:
        raise Refused(400, "unknown_type", f"Known types: {', '.join(sorted(WISHES))}, ping.")
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Refused(400, "invalid", f"{where}: {first['msg']}") from None
