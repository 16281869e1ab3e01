"""Reading a run's events from the first, wherever it is made and whether or not it is over."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from time import monotonic
from uuid import UUID

from redis.exceptions import RedisError

from accounts.models import User
from coaching.models import Message, Run, RunStatus

from . import live, sweeping
from .database import in_database
from .events import FINISHED, Event, read_stream, unbroken
from .runs import not_found

LOOK_SECONDS = 0.1
CHECK_SECONDS = 1.0


async def follow(user: User, run_id: UUID) -> AsyncGenerator[Event, None]:
    """Every event of the person's run, in order, from `seq` 1 to `run.finished`.

    Raises `Refused` 404 for a run that is not theirs, `ListenerDropped` for a reader that is too slow.
    """
    here = live.live(run_id)
    if here is not None and here.loop is asyncio.get_running_loop():
        if here.job.user.pk != user.pk:
            raise not_found()
        async with aclosing(here.log.follow()) as events:
            async for event in events:
                yield event
        return
    run = await in_database(_read, user.pk, run_id)
    if run.status == RunStatus.RUNNING:
        seen = 0
        async with aclosing(_from_elsewhere(user.pk, run_id)) as events:
            async for event in events:
                seen = event["seq"]
                yield event
                if event["type"] == FINISHED:
                    return
        run = await in_database(_read, user.pk, run_id)
        for event in run.events:
            if event["seq"] > seen:
                yield event
        return
    for event in run.events:
        yield event


async def _from_elsewhere(user_id: UUID, run_id: UUID) -> AsyncGenerator[Event, None]:
    """The events of a run of another process while it runs, as Redis tells them."""
    entry, events, sent = "0", list[Event](), 0
    checked_at = monotonic()
    while True:
        try:
            more, entry = await read_stream(run_id, entry)
            events += more
        except (RedisError, OSError):
            await asyncio.sleep(CHECK_SECONDS)
        whole = unbroken(events)
        for event in whole[sent:]:
            yield event
        sent = len(whole)
        if monotonic() - checked_at >= CHECK_SECONDS:
            checked_at = monotonic()
            run = await in_database(_read, user_id, run_id)
            if run.status != RunStatus.RUNNING:
                return
        await asyncio.sleep(LOOK_SECONDS)


def _read(user_id: UUID, run_id: UUID) -> Run:
    """The run with its events; one that died is failed on the way, one without events gets its end."""
    run = Run.objects.filter(pk=run_id, user_id=user_id).first()
    if run is None:
        raise not_found()
    sweeping.fail_if_silent(run)
    if run.status != RunStatus.RUNNING and not run.events:
        reply = Message.objects.get(pk=run.reply_id)
        run.events = [sweeping.end_of(run, reply, 1)]
    return run
