"""Server-sent events: the same run, over plain HTTP, resumed with `Last-Event-ID`."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any
from uuid import UUID

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

from accounts.models import User
from coaching.agent.background import in_background
from coaching.agent.events import Event, ListenerDropped
from coaching.agent.following import follow
from coaching.agent.runs import Refused

from .rendition import Rendition

KEEP_ALIVE_SECONDS = 15.0
CONTENT_TYPE = "text/event-stream"


def stream_response(
    request: HttpRequest,
    user: User,
    run_id: UUID,
    *,
    after: int = 0,
    first: Mapping[str, Any] | None = None,
) -> StreamingHttpResponse:
    """The run's events after `after`; `first` is sent before them, as an event without an id."""
    is_web = request.GET.get("render") == "html"
    frames = _frames(user, run_id, after=after, is_web=is_web, first=first)
    content = frames if isinstance(request, ASGIRequest) else in_background(frames)
    response = StreamingHttpResponse(content, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def last_seen(request: HttpRequest) -> int:
    """The number of the last event the client has: `Last-Event-ID` ("<run>:<seq>" or "<seq>") or `?after=`."""
    said = request.headers.get("Last-Event-ID") or request.GET.get("after") or "0"
    number = said.rsplit(":", 1)[-1].strip()
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise Refused(400, "invalid", "Last-Event-ID ends with the number of an event.")
    return int(number)


async def _frames(
    user: User,
    run_id: UUID,
    *,
    after: int,
    is_web: bool,
    first: Mapping[str, Any] | None,
) -> AsyncGenerator[bytes, None]:
    if first is not None:
        yield f"event: {first['type']}\ndata: {json.dumps(dict(first))}\n\n".encode()
    rendition = Rendition(user, after=after, is_web=is_web)
    async with aclosing(follow(user, run_id)) as events:
        try:
            while True:
                upcoming = asyncio.ensure_future(anext(events, None))
                try:
                    while not (await asyncio.wait([upcoming], timeout=KEEP_ALIVE_SECONDS))[0]:
                        yield b": still here\n\n"
                finally:
                    if not upcoming.done():
                        upcoming.cancel()
                event = upcoming.result()
                if event is None:
                    return
                shown = await rendition.show(event)
                if shown is not None:
                    yield _frame(shown)
        except ListenerDropped:
            return  # the client comes back with Last-Event-ID


def _frame(event: Event) -> bytes:
    data = json.dumps(event, default=str, ensure_ascii=False)
    name = f"id: {event['run']}:{event['seq']}\nevent: {event['type']}\n"
    return f"{name}data: {data}\n\n".encode()
