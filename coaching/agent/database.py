"""Database work of runs, in few threads: hundreds of answers at once share a handful of connections.

Django's own bridge takes a thread, and with it a connection, per waiting caller: with more callers than
connections they starve each other. Here callers queue for a thread instead, and a thread gives its
connection back after every piece of work.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import connections

P = ParamSpec("P")
T = TypeVar("T")
_front = ThreadPoolExecutor(settings.COACH_DATABASE_THREADS, "coach-front")
_quick = ThreadPoolExecutor(settings.COACH_DATABASE_THREADS, "coach-database")
_tools = ThreadPoolExecutor(settings.COACH_TOOL_THREADS, "coach-tools")


async def at_once(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs database work that a person's new message waits for, ahead of what ends older ones."""
    return await _run(_front, partial(function, *args, **kwargs))


async def in_database(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs quick database work in one of the threads for it."""
    return await _run(_quick, partial(function, *args, **kwargs))


async def in_tool_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs a tool, which may take longer, where it holds up no message."""
    return await _run(_tools, partial(function, *args, **kwargs))


async def _run(executor: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(executor, _then_give_back, work)


def _then_give_back(work: Callable[[], T]) -> T:
    try:
        return work()
    finally:
        for connection in connections.all(initialized_only=True):
            connection.close()
