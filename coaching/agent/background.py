"""Starting runs from synchronous code.

Under ASGI the server's own event loop makes the answer. A WSGI process has none, so it gets one in a
thread of its own, which lives as long as the process.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from typing import TypeVar

from asgiref.sync import async_to_sync
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest

from .live import Job, launch, settle

T = TypeVar("T")
_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_thread: threading.Thread | None = None


def launch_for(request: HttpRequest, job: Job) -> None:
    """Starts the run where its events are heard best: beside the server, or in the background loop."""
    if isinstance(request, ASGIRequest):
        async_to_sync(_launch)(job)
    else:
        asyncio.run_coroutine_threadsafe(_launch(job), background_loop()).result()


def in_background(events: AsyncGenerator[T, None]) -> Iterator[T]:
    """Items of an asynchronous generator that lives in the background loop, for a WSGI server."""
    loop = background_loop()
    try:
        while (item := asyncio.run_coroutine_threadsafe(_next(events), loop).result()) is not None:
            yield item
    finally:
        asyncio.run_coroutine_threadsafe(_close(events), loop)


def background_loop() -> asyncio.AbstractEventLoop:
    """The event loop of this process for runs that no server loop can make."""
    global _loop, _thread
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            _thread = threading.Thread(target=_loop.run_forever, name="coach-runs", daemon=True)
            _thread.start()
        return _loop


def end_background() -> None:
    """Waits for the runs of the background loop and ends it; a later run gets a new one."""
    global _loop, _thread
    with _lock:
        if _loop is None or _thread is None:
            return
        asyncio.run_coroutine_threadsafe(settle(), _loop).result()
        _loop.call_soon_threadsafe(_loop.stop)
        _thread.join()
        _loop.close()
        _loop = _thread = None


async def _launch(job: Job) -> None:
    launch(job)


async def _next(events: AsyncGenerator[T, None]) -> T | None:
    return await anext(events, None)


async def _close(events: AsyncGenerator[T, None]) -> None:
    await events.aclose()
